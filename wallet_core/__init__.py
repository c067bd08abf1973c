"""The core of Tuppence: wallets, payment requests and transfers, right also when things go wrong.

async with WalletCore.session("sqlite+aiosqlite:///books.db", rules=Rules(currency("EUR"))) as core:
    await core.run(OpenWallet(person=PersonId("tg:1001"), handle="ann", name="Ann"))
"""

from wallet_core.audit import AuditReport
from wallet_core.codes import is_code
from wallet_core.commands.intent import AnswerIntent, CancelIntent, CancelOpen, ConfirmIntent, MakeIntent
from wallet_core.commands.outbox import ClaimOutbox, SettleOutbox
from wallet_core.commands.request import CancelRequest, MakeRequest, PayRequest, PlaceRequest
from wallet_core.commands.transfer import Issue, Transfer
from wallet_core.commands.wallet import Meet, OpenWallet
from wallet_core.core import WalletCore, utc_now
from wallet_core.errors import *  # noqa: F403  # every error is public: the front end has a text for each
from wallet_core.models import (
    MEMO_MAX,
    HistoryLine,
    HistoryPage,
    Intent,
    IntentState,
    OpenedWallet,
    OutboxMessage,
    Payment,
    PaymentRequest,
    Person,
    PersonId,
    Receipt,
    RequestState,
    Rules,
    Telling,
    TransferKind,
    Wallet,
    WalletId,
    WalletState,
)
from wallet_core.money import AMOUNT_MAX_MINOR, Currency, Money, currency, looks_like_number, read_amount
from wallet_core.rows import Payee, ToHandle, ToPerson, ToPersonCode, ToRequest
