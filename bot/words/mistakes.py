"""What the bot itself cannot act upon: data only, words live in the texts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.qr.kinds import Kind


class NotUnderstood(Exception):
    """A message or a press that leads nowhere; may be shown to a person."""


@dataclass(eq=False)
class PayWords(NotUnderstood):
    """The command stands without words; `command` is its name."""

    command: str


@dataclass(eq=False)
class AmountMissing(NotUnderstood):
    """The command stands without an amount; `command` is its name."""

    command: str


@dataclass(eq=False)
class PayeeMissing(NotUnderstood):
    """An amount and nobody to pay; `command` is its name."""

    command: str


class OtherPrice(NotUnderstood):
    """An invoice in Telegram is not over what its top-up costs by now."""


class PaymentUnknown(NotUnderstood):
    """Telegram asks about a payment of a kind that this bot does not take."""


class PaymentNotBooked(NotUnderstood):
    """Telegram says that somebody has paid, by a way that this bot has no more."""


class PaymentWaits(NotUnderstood):
    """Telegram has taken the money, and the wallet can't take it now: its list tells of it again and again."""


class PaymentLeft(NotUnderstood):
    """Telegram has taken the money, there is no wallet for it, and nobody tells of it again."""


@dataclass(eq=False)
class NotAnInvoice(NotUnderstood):
    """What money is to be paid out to: `unreadable`, of another `amount`, or `expired`."""

    problem: str


class SeveralPayees(NotUnderstood):
    """A payment names more than one person."""


class AnonymousSender(NotUnderstood):
    """An administrator who hides, or somebody who writes as a channel: nobody whose wallet could pay."""


class AnonymousPayee(NotUnderstood):
    """The message that is replied to was written by somebody hidden, or by a channel."""


class BotPayee(NotUnderstood):
    """A bot has no wallet."""


class DeletedPayee(NotUnderstood):
    """The account of the payee is no more."""


class BotSender(NotUnderstood):
    """Another bot wrote the message: a bot has no wallet."""


class CommandBelowPicture(NotUnderstood):
    """A command as the caption of a picture or a file."""


class NotOwnWords(NotUnderstood):
    """A command or an amount that was forwarded, or written by another bot for the person."""


class PictureLost(NotUnderstood):
    """Telegram does not hand out the picture."""


@dataclass(eq=False)
class OtherBot(NotUnderstood):
    """The link or picture belongs to another bot."""

    name: str


@dataclass(eq=False)
class ForeignCode(NotUnderstood):
    """The QR code is not one of a bot; `text` is what it says."""

    kind: Kind
    text: str


class SeveralCodes(NotUnderstood):
    """The picture holds more than one code that could be meant."""


class TooManyPictures(NotUnderstood):
    """More pictures of one person wait than are read."""


@dataclass(eq=False)
class TooMuchAtOnce(NotUnderstood):
    """More was written than can be answered: what comes on top is not acted upon. In `wait_s` seconds it is again."""

    wait_s: int


class PrivateOnly(NotUnderstood):
    """Not in a group."""


class EditedMessage(NotUnderstood):
    """An edit is not acted upon."""


class UnknownCommand(NotUnderstood):
    """A command that does not exist."""


@dataclass(eq=False)
class NoWay(NotUnderstood):
    """Money has no such way in or out here; who is in charge can set one up."""

    is_in_charge: bool


class UnknownCode(NotUnderstood):
    """The text behind a command, or behind `start=`, is no code."""


class AdministratorsOnly(NotUnderstood):
    """Who is no administrator of the group does not choose its language."""


class UnknownLanguage(NotUnderstood):
    """A language that has no words here."""


class ReceiptCodeMissing(NotUnderstood):
    """`/verify` without a code."""


class NoReceiptCode(NotUnderstood):
    """What stands behind `/verify` has not the form of a receipt's code."""


class DeadButton(NotUnderstood):
    """A button that this bot does not make, or does not make any more."""


class GiftInPay(NotUnderstood):
    """The link of a gift stands where somebody to pay is expected."""


@dataclass(eq=False)
class SplitLink(NotUnderstood):
    """The link of a split stands behind a command: it has to be opened."""

    code: str


class GroupOnly(NotUnderstood):
    """Not in private."""


class Reason(StrEnum):
    """Why a plain message leads nowhere."""

    WORDS = "words"
    NUMBER = "number"
    OTHER = "other"


@dataclass(eq=False)
class NothingAsked(NotUnderstood):
    """A message in private that is no command, no code and no answer to a question."""

    reason: Reason
