"""Groups, and the strange senders that write in them."""

from __future__ import annotations

from typing import Any

from bot.sandbox import entities
from bot.sandbox.chats import Chat, Message
from bot.sandbox.people import Person
from bot.sandbox.telegram import Telegram

ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
CHANNEL = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
LINKED = {"id": 777000, "is_bot": False, "first_name": "Telegram"}


class Group:
    """A group that the bot is in."""

    def __init__(self, world: Telegram, chat: Chat) -> None:
        self._world = world
        self.chat = chat

    @property
    def id(self) -> int:
        """Its id, negative."""
        return self.chat.id

    @property
    def messages(self) -> list[Message]:
        """All messages in it."""
        return self.chat.messages

    def add(self, person: Person) -> Message:
        """Somebody joins; the bot sees a service message."""
        self.chat.members.add(person.id)
        return self._service(person.raw, {"new_chat_members": [person.raw], "new_chat_member": person.raw})

    def remove(self, person: Person) -> Message:
        """Somebody leaves."""
        self.chat.members.discard(person.id)
        return self._service(person.raw, {"left_chat_member": person.raw})

    def forbid(self, *, writing: bool = False, files: bool = False) -> None:
        """Members, and so the bot, may not write any more, or not send photos and files."""
        self.chat.may_write, self.chat.may_send_files = not writing, not files

    def let_bot(self, person: Person, *, is_in: bool) -> None:
        """Somebody takes the bot out of the group, or into it again."""
        self.chat.bot_is_in = is_in
        change: dict[str, Any] = {"chat": self.chat.raw, "from": person.raw, "date": self._world.now()}
        for key, status in (("old_chat_member", not is_in), ("new_chat_member", is_in)):
            change[key] = {"user": self._world.bot, "status": "member" if status else "left"}
        self._world.updates.add("my_chat_member", change)

    def open_topic(self, person: Person, name: str) -> Message:
        """Somebody opens a topic; it is known by its first message."""
        return opened_topic(self._world, self.chat, person, name)

    def close_topic(self, person: Person, topic: Message) -> Message:
        """Nobody but administrators writes there any more."""
        self.chat.topics[topic.id] = False
        place = {"message_thread_id": topic.id, "is_topic_message": True}
        return self._service(person.raw, {"forum_topic_closed": {}, **place})

    def delete_topic(self, topic: Message) -> None:
        """It is gone with all that was said in it."""
        del self.chat.topics[topic.id]
        for message in self.chat.messages:
            if message.raw.get("message_thread_id") == topic.id:
                self.chat.remove(message)

    def become(self, supergroup: Chat, person: Person) -> None:
        """Somebody makes it a supergroup; both chats say so."""
        self.chat.moved_to = supergroup.id
        self._service(person.raw, {"migrate_to_chat_id": supergroup.id})
        moved = self._world.post(supergroup, person.raw, {"migrate_from_chat_id": self.chat.id})
        self._world.person_said(moved)

    def say_anonymously(self, text: str, *, reply_to: Message | None = None) -> Message:
        """An anonymous admin writes: all of them share one id."""
        return self._said(ANONYMOUS, {"sender_chat": self.chat.raw}, text, reply_to)

    def say_as_channel(self, text: str, *, reply_to: Message | None = None) -> Message:
        """A channel writes in the group."""
        channel = {"id": -1001234567890, "type": "channel", "title": "A channel", "username": "some_channel"}
        return self._said(CHANNEL, {"sender_chat": channel}, text, reply_to)

    def say_as_linked_channel(self, text: str) -> Message:
        """A post of the linked channel is forwarded into the group."""
        channel = {"id": -1001234567890, "type": "channel", "title": "A channel", "username": "some_channel"}
        return self._said(LINKED, {"sender_chat": channel, "is_automatic_forward": True}, text, None)

    def _said(self, sender: dict[str, Any], extra: dict[str, Any], text: str, reply_to: Message | None) -> Message:
        content: dict[str, Any] = {**extra, "text": text}
        if found := entities.found_in(text):
            content["entities"] = found
        if reply_to is not None:
            content["reply_to_message"] = self._world.embedded(reply_to)
        return self._service(sender, content)

    def _service(self, sender: dict[str, Any], content: dict[str, Any]) -> Message:
        message = self._world.post(self.chat, sender, content)
        self._world.person_said(message)
        return message


def opened_topic(world: Telegram, chat: Chat, person: Person, name: str) -> Message:
    """The first message of a new topic, in a group or in a private chat."""
    topic = {"name": name, "icon_color": 7322096}
    place = {"message_thread_id": chat.next_id, "is_topic_message": True}
    message = world.post(chat, person.raw, {"forum_topic_created": topic, **place})
    chat.topics[message.id] = True
    world.person_said(message)
    return message
