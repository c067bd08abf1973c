"""Words about help with a payment and about terms, which Telegram wants of every bot that takes Stars."""

from __future__ import annotations

from bot.words.language import gettext as _
from bot.words.language import has_ways
from bot.words.menu import Line, Menu, Where
from bot.words.wording import lines, safe

CONTACT_SHOWN_MAX = 200

MENU: Menu = {
    "paysupport": Line(lambda: _("help with a payment"), Where.ALONE),
    "terms": Line(lambda: _("on what terms I hold money"), Where.ALONE),
}


def support(contact: str | None) -> str:
    """The answer to /paysupport."""
    if contact is None:
        who = _("Please write to whoever runs me here, with the receipt code of the payment: /history shows it.")
    else:
        who = _("Please write to {contact}, with the receipt code of the payment: /history shows it.").format(
            contact=safe(contact, length_max=CONTACT_SHOWN_MAX)
        )
    return lines(
        _("🛟 <b>Help with a payment</b>"),
        who,
        _("What you were paid you can give back yourself: /refund CODE."),
        _("Telegram's own support can't help with what was paid through me."),
    )


def terms(url: str | None) -> str:
    """The answer to /terms."""
    if url is not None:
        return _("📄 The terms of whoever runs me: {url}").format(url=safe(url, length_max=CONTACT_SHOWN_MAX))
    return lines(
        _("📄 <b>Terms, in short</b>"),
        _("• I keep the books of a community; whoever runs me holds the money and answers for it."),
        _("• A payment is final once you've confirmed it. Only whoever got it can give it back."),
        _("• Money that you bring in is in your wallet as soon as it is here; /withdraw says how it can be taken out.")
        if has_ways()
        else _("• What is in your wallet is paid out to you by whoever runs me: please ask them."),
        _("• I keep your Telegram ID, your name, and what you paid, because books need it."),
        _("• Is something wrong? /paysupport says whom to ask."),
    )
