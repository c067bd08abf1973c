"""The parameters of every method that the sandbox has, with their types (Bot API 9, and what the bot uses of 10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.errors import bad_request
from bot.sandbox.markup import entity_list, inline_keyboard, reply_markup
from bot.sandbox.parameters import (
    Check,
    array,
    chat,
    each,
    file,
    json_object,
    one_of,
    shaped,
    text,
    truth,
    whole,
    words,
)

PARSE_MODE = one_of("HTML", "html", "Markdown", "markdown", "MarkdownV2", "markdownv2", "")

LINK_PREVIEW = shaped(
    {},
    {
        "is_disabled": truth,
        "url": text,
        "prefer_small_media": truth,
        "prefer_large_media": truth,
        "show_above_text": truth,
    },
)

_REPLY = shaped(
    {},
    {
        "message_id": whole,
        "ephemeral_message_id": whole,
        "chat_id": chat,
        "allow_sending_without_reply": truth,
        "quote": text,
        "quote_parse_mode": PARSE_MODE,
        "quote_entities": entity_list,
        "quote_position": whole,
        "checklist_task_id": whole,
        "poll_option_id": text,
    },
)


def _reply(name: str, value: Any) -> dict[str, Any]:
    """ReplyParameters: an ephemeral message has a number of its own."""
    found: dict[str, Any] = _REPLY(name, value)
    if not {"message_id", "ephemeral_message_id"} & set(found):
        raise bad_request(f'can\'t parse {name}: field "message_id" must be specified')
    return found


EPHEMERAL = shaped({"receiver_user_id": whole}, {"callback_query_id": text, "replace_callback_query_message": truth})

_SEND: dict[str, Check] = {
    "business_connection_id": text,
    "chat_id": chat,
    "message_thread_id": whole,
    "direct_messages_topic_id": whole,
    "disable_notification": truth,
    "protect_content": truth,
    "allow_paid_broadcast": truth,
    "message_effect_id": text,
    "suggested_post_parameters": json_object,
    "reply_parameters": _reply,
    "ephemeral_message_parameters": EPHEMERAL,
    "reply_to_message_id": whole,
    "allow_sending_without_reply": truth,
    "reply_markup": reply_markup,
}
_NOT_OF_INVOICES = ("business_connection_id", "ephemeral_message_parameters")
_CAPTION: dict[str, Check] = {
    "caption": text,
    "parse_mode": PARSE_MODE,
    "caption_entities": entity_list,
    "show_caption_above_media": truth,
}
_EDIT: dict[str, Check] = {
    "business_connection_id": text,
    "chat_id": chat,
    "message_id": whole,
    "inline_message_id": text,
    "reply_markup": inline_keyboard,
}
_ACTIONS = (
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document "
    "choose_sticker find_location record_video_note upload_video_note"
)
_COMMAND = shaped({"command": text, "description": text}, {"is_ephemeral": truth})
_SCOPE = shaped({"type": text}, {"chat_id": chat, "user_id": whole})
MEDIA = shaped(
    {"type": text, "media": text},
    {
        "thumbnail": text,
        "has_spoiler": truth,
        "disable_content_type_detection": truth,
        "width": whole,
        "height": whole,
        **_CAPTION,
    },
)
_INVOICE: dict[str, Check] = {
    "title": text,
    "description": text,
    "payload": text,
    "provider_token": text,
    "currency": text,
    "prices": each(shaped({"label": text, "amount": whole}, {})),
    "max_tip_amount": whole,
    "suggested_tip_amounts": each(whole),
    "provider_data": text,
    "photo_url": text,
    "photo_size": whole,
    "photo_width": whole,
    "photo_height": whole,
    "need_name": truth,
    "need_phone_number": truth,
    "need_email": truth,
    "need_shipping_address": truth,
    "send_phone_number_to_provider": truth,
    "send_email_to_provider": truth,
    "is_flexible": truth,
}

SIGNATURES: dict[str, Mapping[str, Check]] = {
    "getMe": {},
    "logOut": {},
    "close": {},
    "getUpdates": {"offset": whole, "limit": whole, "timeout": whole, "allowed_updates": words},
    "setWebhook": {
        "url": text,
        "certificate": file,
        "ip_address": text,
        "max_connections": whole,
        "allowed_updates": words,
        "drop_pending_updates": truth,
        "secret_token": text,
    },
    "deleteWebhook": {"drop_pending_updates": truth},
    "getWebhookInfo": {},
    "sendMessage": {
        **_SEND,
        "text": text,
        "parse_mode": PARSE_MODE,
        "entities": entity_list,
        "link_preview_options": LINK_PREVIEW,
        "disable_web_page_preview": truth,
    },
    "sendPhoto": {**_SEND, **_CAPTION, "photo": file, "has_spoiler": truth},
    "sendDocument": {
        **_SEND,
        "caption": text,
        "parse_mode": PARSE_MODE,
        "caption_entities": entity_list,
        "document": file,
        "thumbnail": file,
        "disable_content_type_detection": truth,
    },
    "editMessageText": {
        **_EDIT,
        "text": text,
        "parse_mode": PARSE_MODE,
        "entities": entity_list,
        "link_preview_options": LINK_PREVIEW,
        "disable_web_page_preview": truth,
    },
    "editMessageCaption": {**_EDIT, **_CAPTION},
    "editMessageMedia": {**_EDIT, "media": MEDIA},
    "editMessageReplyMarkup": _EDIT,
    "deleteMessage": {"chat_id": chat, "message_id": whole},
    "deleteMessages": {"chat_id": chat, "message_ids": each(whole)},
    "answerCallbackQuery": {
        "callback_query_id": text,
        "text": text,
        "show_alert": truth,
        "url": text,
        "cache_time": whole,
    },
    "answerInlineQuery": {
        "inline_query_id": text,
        "results": array,
        "cache_time": whole,
        "is_personal": truth,
        "next_offset": text,
        "button": shaped({"text": text}, {"web_app": json_object, "start_parameter": text}),
    },
    "sendInvoice": {
        **{name: check for name, check in _SEND.items() if name not in _NOT_OF_INVOICES},
        **_INVOICE,
        "start_parameter": text,
    },
    "createInvoiceLink": {**_INVOICE, "business_connection_id": text, "subscription_period": whole},
    "answerPreCheckoutQuery": {"pre_checkout_query_id": text, "ok": truth, "error_message": text},
    "refundStarPayment": {"user_id": whole, "telegram_payment_charge_id": text},
    "getStarTransactions": {"offset": whole, "limit": whole},
    "getMyStarBalance": {},
    "sendChatAction": {
        "business_connection_id": text,
        "chat_id": chat,
        "message_thread_id": whole,
        "action": one_of(*_ACTIONS.split()),
    },
    "getFile": {"file_id": text},
    "getChat": {"chat_id": chat},
    "getChatMember": {"chat_id": chat, "user_id": whole},
    "getChatMemberCount": {"chat_id": chat},
    "getChatAdministrators": {"chat_id": chat, "return_bots": truth},
    "leaveChat": {"chat_id": chat},
    "setMyCommands": {"commands": each(_COMMAND), "scope": _SCOPE, "language_code": text},
    "getMyCommands": {"scope": _SCOPE, "language_code": text},
    "deleteMyCommands": {"scope": _SCOPE, "language_code": text},
    "setChatMenuButton": {
        "chat_id": whole,
        "menu_button": shaped({"type": text}, {"text": text, "web_app": json_object}),
    },
    "getChatMenuButton": {"chat_id": whole},
    "setMyName": {"name": text, "language_code": text},
    "getMyName": {"language_code": text},
    "setMyDescription": {"description": text, "language_code": text},
    "getMyDescription": {"language_code": text},
    "setMyShortDescription": {"short_description": text, "language_code": text},
    "getMyShortDescription": {"language_code": text},
}
