"""Words about pictures of codes, links, and messages that are no command."""

from __future__ import annotations

from bot.qr import DamagedPicture, Kind, NoCode, NotAPicture, PictureTooBig
from bot.words import mistakes as own
from bot.words.language import gettext as _
from bot.words.refusals import Refusals, Seen
from bot.words.wording import safe, sentences


def _foreign(error: own.ForeignCode, seen: Seen) -> str:
    return sentences(_kind(error.kind), _("It isn't one of mine: I read the codes that /request and /qr make."))


def _kind(kind: Kind) -> str:
    return {
        Kind.PIX: _("This is a Pix code: a Brazilian banking app pays it."),
        Kind.EMVCO: _("This is a shop's payment code (EMVCo): a banking app pays it."),
        Kind.EPC: _("This is a SEPA transfer (EPC) code: a European banking app pays it."),
        Kind.SWISS: _("This is a Swiss QR-bill: a Swiss banking app pays it."),
        Kind.UPI: _("This is a UPI code: an Indian payment app pays it."),
        Kind.BITCOIN: _("This is a bitcoin address: a bitcoin wallet pays it."),
        Kind.LIGHTNING: _("This is a lightning invoice: a lightning wallet pays it."),
        Kind.TON: _("This is a TON address: a TON wallet pays it."),
        Kind.WIFI: _("This is the key to a Wi-Fi: the phone's camera joins it."),
        Kind.CONTACT: _("This is a contact card: the phone's camera saves it."),
        Kind.OTP: _("This is a secret for one-time passwords: keep it to yourself, and delete it from this chat."),
        Kind.PHONE: _("This is a phone number."),
        Kind.MAIL: _("This is a mail address."),
        Kind.SMS: _("This is a text message."),
        Kind.PLACE: _("This is a place on a map."),
        Kind.WEB: _("This is a web address."),
        Kind.TEXT: _("This code holds a text that means nothing to me."),
    }[kind]


def _nothing_asked(error: own.NothingAsked, seen: Seen) -> str:
    match error.reason:
        case own.Reason.NUMBER:
            return _("To whom? To pay somebody: /pay {example} @bob. To ask for money: /request {example}").format(
                example=seen.example
            )
        case own.Reason.WORDS:
            return _("I didn't get that. Send me a QR picture or a link to pay, or /help to see what I can do.")
        case own.Reason.OTHER:
            return _("I can read text and pictures of QR codes. /help shows what I can do.")


REFUSALS: Refusals = {
    own.OtherBot: lambda e, s: _("This code was made by another bot. Please open {url} with it.").format(
        url=f"https://t.me/{safe(e.name)}"
    ),
    own.ForeignCode: _foreign,
    own.SeveralCodes: lambda e, s: _(
        "I see several codes in this picture. Please send one with just the code you mean."
    ),
    own.TooManyPictures: lambda e, s: _("That's a lot of pictures. I read the first ones; please send the rest later."),
    own.PictureLost: lambda e, s: _("I could not fetch that picture; please send it again."),
    own.UnknownCode: lambda e, s: _(
        "I can't find a code in that. It looks like r_… and comes with a QR picture or link."
    ),
    own.NothingAsked: _nothing_asked,
    NotAPicture: lambda e, s: _("This file is no picture that I can read. Please send a photo, JPEG, PNG or WebP."),
    DamagedPicture: lambda e, s: _("This picture is damaged or cut off. Please send it again."),
    PictureTooBig: lambda e, s: _("This picture is too big for me. Please send it as a photo, not as a file."),
    NoCode: lambda e, s: _("I can't find a QR code in this picture. Please get closer, hold still, and avoid glare."),
}
