"""What is written when a wallet changes hands: all that is the old account's is the new one's, in one transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    Text,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    literal_column,
    null,
    or_,
    select,
    update,
)

from wallet_core.features.blocks import blocks
from wallet_core.features.cards import cards
from wallet_core.features.dialogs import intents
from wallet_core.features.gifts import claims, gifts
from wallet_core.features.gifts_offered import gift_offers
from wallet_core.features.issue_lists import issue_lines
from wallet_core.features.issues import issues
from wallet_core.features.keypads import keypads
from wallet_core.features.limits import LIMIT, Span, code_of, limits
from wallet_core.features.names import names
from wallet_core.features.picks import picks
from wallet_core.features.pin_resets import pin_resets
from wallet_core.features.pins import PIN, pins
from wallet_core.features.refunds import refunds
from wallet_core.features.requests import request_payments, requests
from wallet_core.features.sightings import sightings
from wallet_core.features.splits import split_shares, splits
from wallet_core.features.tips import tip_notes, tip_payees, tipped, tips
from wallet_core.features.tips_usual import tip_questions, usual_tips
from wallet_core.features.top_ups import top_ups
from wallet_core.features.withdrawals import withdrawals
from wallet_core.features.withdrawals_begun import withdrawals_begun
from wallet_core.ledger.books import Books
from wallet_core.ledger.records import Tally
from wallet_core.ledger.schema import agenda, outbox, parked, people, wallets
from wallet_core.ledger.sql import Statement, param

THEIRS: tuple[Column[Any], ...] = (  # whose a thing is, who asks, who is asked
    requests.c.payee, requests.c.payer, intents.c.payer, intents.c.payee, refunds.c.person,
    gifts.c.giver, gift_offers.c.giver, claims.c.person, splits.c.asker, split_shares.c.person,
    tips.c.payer, tip_payees.c.person, top_ups.c.person, withdrawals.c.person, cards.c.person, issues.c.payee,
    issue_lines.c.payee,
)  # fmt: skip
WITH_IT = (request_payments.c.payer, tip_notes.c.payee, tip_questions.c.person, top_ups.c.made_by)

USED = tuple(Tally(of=column, where=column.is_not(None)) for column in THEIRS)

_OLD, _NEW = cast(param("old"), Text), cast(param("new"), Text)
_MOVED = tuple(
    Statement(update(column.table).values({column: param("new")}).where(column == param("old")))
    for column in (*THEIRS, *WITH_IT)
    if column is not tip_payees.c.person
)
_HAD = func.coalesce(wallets.c.first_owner, case((wallets.c.version > 0, wallets.c.owner), else_=null()))
_ASIDE = Statement(update(wallets).values(kind=literal("escrow")).where(wallets.c.id == param("other")))
_HANDED = Statement(update(wallets).values(first_owner=_HAD, owner=param("new")).where(wallets.c.owner == param("old")))
_BACK = Statement(
    update(wallets)
    .values(first_owner=_HAD, owner=param("old"), kind=literal("person"), transfer_max=null(), daily_max=null())
    .where(wallets.c.id == param("other"))
)
_CODE = Statement(update(people).values(code=param("code")).where(people.c.id == param("who")))
_first = select(func.min(names.c.since)).where(names.c.person == param("new")).scalar_subquery()
_NAMES = Statement(
    insert(names).from_select(
        ["person", "since", "name", "handle"],
        select(_NEW, names.c.since, names.c.name, names.c.handle).where(
            names.c.person == param("old"), names.c.since < _first
        ),
    )
)
_theirs = blocks.alias("theirs")
_BLOCKS = (
    Statement(  # what is off is none, and would be taken for the other's that is on
        delete(blocks).where(
            blocks.c.is_on == literal_column("0"),
            or_(
                blocks.c.person.in_((param("old"), param("new"))), blocks.c.blocked.in_((param("old"), param("new")))
            ),
        )
    ),
    Statement(
        delete(blocks).where(
            or_(
                blocks.c.person == param("new"),
                and_(blocks.c.person == param("old"), blocks.c.blocked == param("new")),
                and_(blocks.c.blocked == param("new"), blocks.c.person.in_(
                    select(_theirs.c.person).where(_theirs.c.blocked == param("old"))
                )),
            )
        )
    ),
    Statement(
        update(blocks).values(person=param("new"), code=_NEW + "/" + blocks.c.blocked).where(
            blocks.c.person == param("old")
        )
    ),
    Statement(
        update(blocks).values(blocked=param("new"), code=blocks.c.person + "/" + _NEW).where(
            blocks.c.blocked == param("old")
        )
    ),
)  # fmt: skip
_LIMITS = (
    Statement(delete(limits).where(limits.c.person == param("new"))),
    Statement(
        update(limits)
        .values(person=param("new"), code=limits.c.span + "-" + _NEW)
        .where(limits.c.person == param("old"))
    ),
)
_NO_PICKS = Statement(delete(picks).where(or_(picks.c.person == param("old"), picks.c.person == param("new"))))
_NONE_BEGUN = Statement(delete(withdrawals_begun).where(withdrawals_begun.c.person.in_((param("old"), param("new")))))
_TIPS = (
    Statement(delete(usual_tips).where(usual_tips.c.person == param("new"))),
    Statement(update(usual_tips).values(person=param("new")).where(usual_tips.c.person == param("old"))),
)
_TIPPED = (  # what they were tipped for names them through another table
    Statement(
        insert(tip_payees).from_select(
            ["person", "note"], select(_NEW, tip_payees.c.note).where(tip_payees.c.person == param("old"))
        ),
        in_line_of=tipped,
    ),
    Statement(update(tipped).values(payee=param("new")).where(tipped.c.payee == param("old"))),
    Statement(delete(tip_payees).where(tip_payees.c.person == param("old")), in_line_of=tipped),
)
_seen = sightings.alias("seen")
_SEEN = (  # whom they have met, they have met
    Statement(
        update(sightings)
        .values(person=param("new"))
        .where(
            sightings.c.person == param("old"),
            sightings.c.chat.not_in(select(_seen.c.chat).where(_seen.c.person == param("new"))),
        )
    ),
    Statement(delete(sightings).where(sightings.c.person == param("old"))),
)
_THEIR_OLD, _THEIR_NEW = (literal(" ").concat(each).concat(" ") for each in (_OLD, _NEW))
_spaced = literal(" ").concat(pins.c.known).concat(" ")
_KNOWN = Statement(  # whom others have paid is no stranger to them, and whoever has the old account is one
    update(pins)
    .values(known=func.trim(func.replace(_spaced, _THEIR_OLD, _THEIR_NEW)))
    .where(func.replace(_spaced, _THEIR_OLD, "") != _spaced)
)
_pin = pins.alias("pin")
_KEPT = [column.name for column in pins.c if column is not pins.c.person]
_PINS = (  # the wallet takes its PIN along, with its lock, and whoever was to take that away still is
    Statement(
        delete(agenda).where(
            agenda.c.id == param("now"), select(_pin.c.person).where(_pin.c.person == param("old")).exists()
        ),
        in_line_of=pins,
    ),
    Statement(update(agenda).values(id=param("now")).where(agenda.c.id == param("before")), in_line_of=pins),
    Statement(delete(keypads).where(keypads.c.person.in_((param("old"), param("new")))), in_line_of=pins),
    Statement(
        update(pin_resets)
        .values(state=literal("stopped"))
        .where(pin_resets.c.person == param("new"), pin_resets.c.state == "waiting"),
        in_line_of=pins,
    ),
    Statement(
        insert(pins).from_select(
            ["person", *_KEPT],
            select(_NEW, *(_pin.c[name] for name in _KEPT)).where(
                _pin.c.person == param("old"), ~select(pins.c.person).where(pins.c.person == param("new")).exists()
            ),
        )
    ),
    Statement(
        update(pins)
        .values({name: select(_pin.c[name]).where(_pin.c.person == param("old")).scalar_subquery() for name in _KEPT})
        .where(pins.c.person == param("new"), select(_pin.c.person).where(_pin.c.person == param("old")).exists())
    ),
    Statement(
        update(pin_resets).values(person=param("new")).where(pin_resets.c.person == param("old")), in_line_of=pins
    ),
    Statement(delete(pins).where(pins.c.person == param("old"))),
)
_TOLD = tuple(
    Statement(update(each).values(recipient=param("new"), place=null()).where(each.c.recipient == param("old")))
    for each in (outbox, parked)
)
_NOT_DUE = Statement(delete(agenda).where(agenda.c.id == param("now")))
_DUE = Statement(update(agenda).values(id=param("now")).where(agenda.c.id == param("before")))


def write_move(books: Books, *, old: str, new: str, wallet: int, other: int) -> None:
    """The wallet and all that waits in escrow, records, limits, names, notices, and the code of their QR."""
    both: dict[str, object] = {"old": old, "new": new}
    assert wallet != other
    books.write(_ASIDE, other=other)  # one person has one wallet, also in between
    books.write(_HANDED, **both)
    books.write(_BACK, old=old, other=other)
    for statement in (*_MOVED, *_LIMITS, *_TIPS, *_TOLD):
        if statement is _LIMITS[0] or statement is _TIPS[0]:
            books.write(statement, new=new)
        else:
            books.write(statement, **both)
    for statement in (*_BLOCKS, _NAMES, _SEEN[0], _NO_PICKS, _NONE_BEGUN, *_TIPPED[:2], _KNOWN):
        books.write(statement, **both)
    books.write(_PINS[0], old=old, now=f"{PIN}:{new}")
    books.write(_PINS[1], before=f"{PIN}:{old}", now=f"{PIN}:{new}")
    books.write(_PINS[2], **both)
    books.write(_PINS[3], new=new)
    for statement in _PINS[4:7]:
        books.write(statement, **both)
    for statement in (_PINS[7], _TIPPED[2], _SEEN[1]):
        books.write(statement, old=old)
    for span in Span:
        before, now = (f"{LIMIT}:{code_of(span, each)}" for each in (old, new))
        books.write(_NOT_DUE, now=now)
        books.write(_DUE, before=before, now=now)
    codes = books.people[old].code, books.people[new].code
    for who, code in ((new, books.fresh_code()), (old, codes[1]), (new, codes[0])):  # a printed QR leads to them still
        books.write(_CODE, who=who, code=code)
    books.people[old].code, books.people[new].code = codes[1], codes[0]
    books.by_code[codes[0]], books.by_code[codes[1]] = books.people[new], books.people[old]
