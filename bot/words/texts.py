"""All words that people read, as Telegram's HTML; what is refused is in bot/words/refusals.py.

Everything that somebody else wrote (names, memos, titles, codes) goes through `safe`, in bot/words/wording.py.
"""

from __future__ import annotations

from bot.words.wording import amounts_like, lines, memo_line, money, name, safe, when
from wallet_core import (
    AuditReport,
    Currency,
    HistoryLine,
    HistoryPage,
    Intent,
    IntentState,
    Money,
    OpenedWallet,
    Overview,
    Payment,
    PaymentRequest,
    Person,
    PersonId,
    RequestState,
    TransferKind,
    Wallet,
    WalletState,
)

COMMANDS = {  # the menu beside the input field
    "start": "open your wallet",
    "balance": "what you have",
    "pay": "pay somebody: /pay 5 @bob coffee",
    "request": "ask for money with a QR: /request 5 coffee",
    "qr": "your own QR, to be paid any amount",
    "history": "what came and went",
    "cancel": "drop what waits for your answer",
    "verify": "is this receipt genuine?",
    "help": "how this works",
}


# -- start, help, balance ---------------------------------------------------------------------------------------------


def welcome(opened: OpenedWallet) -> str:
    """The answer to /start."""
    hello = "Welcome! Your wallet is open." if opened.is_new else "Good to see you again."
    return lines(f"👋 {hello}", balance(opened.wallet), "", _WHAT)


_WHAT = lines(
    "/pay 5 @bob coffee — pay somebody",
    "/request 5 coffee — ask for money with a QR code",
    "/qr — your own QR code, for any amount",
    "Send me a photo of a QR code, or a link, to pay it.",
    "/history shows what came and went, /help everything else.",
)


def opened_briefly(opened: OpenedWallet) -> str:
    """When somebody comes through a link for the first time: the dialog follows."""
    return lines("👋 Welcome! Your wallet is open.", balance(opened.wallet))


def help_private(unit: Currency) -> str:
    """The answer to /help in private."""
    return lines(
        "<b>Pay</b>",
        "/pay 5 @bob coffee — I ask before any money moves",
        "Or send me a photo of a QR code, or its link.",
        "<b>Be paid</b>",
        "/request 5 coffee — a QR code for one payment; with /request any the payer chooses the amount",
        "/qr — your own QR code: any amount, again and again; /qr print — as a sheet to put up",
        "<b>Look</b>",
        "/balance · /history · /verify CODE",
        "<b>Change your mind</b>",
        "/cancel — drop the payments I asked you about; /cancel CODE — take back a request of yours",
        "",
        "In a group: /pay 5 @bob, or answer somebody's message with /pay 5. /request works there too.",
        "People are named with @. No @name? Ask for their /qr, or answer one of their messages in a group.",
        f"Amounts look like {amounts_like(unit)}.",
    )


def help_group(hello_url: str) -> str:
    """The answer to /start and /help in a group."""
    return lines(
        "Here: /pay 5 @bob coffee, or answer somebody's message with /pay 5. /request 5 coffee posts a QR code.",
        f"Everything else in private: {hello_url}",
    )


def balance(wallet: Wallet) -> str:
    """What a person has; never in a group."""
    more = wallet.available != wallet.balance and wallet.available.minor > 0
    return lines(
        f"💰 Your balance: {money(wallet.balance)}",
        f"You can spend {money(wallet.available)}." if more else None,
        "🧊 Your wallet is frozen: ask the operator." if wallet.state is WalletState.FROZEN else None,
    )


def overview(seen: Overview) -> str:
    """What a person has, and what is waiting; never in a group."""
    asked = [
        f"🧾 You ask for {money(request.amount) if request.amount else 'any amount'}{_short_memo(request.memo)}"
        for request in seen.requests
    ]
    to_answer = [
        f"❓ I asked you about {f'{money(intent.amount)} ' if intent.amount else ''}to {name(intent.payee)}"
        f"{_short_memo(intent.memo)}"
        for intent in seen.intents
    ]
    waiting = [*asked, *to_answer]
    drop = "/cancel drops my questions." if to_answer else None
    return lines(balance(seen.wallet), *(["", "Waiting:", *waiting, drop] if waiting else []))


def _short_memo(memo: str) -> str:
    return f" · {safe(memo)}" if memo else ""


BALANCE_SENT = "I've told you in private."


def balance_unsent(hello_url: str) -> str:
    """In a group, when the person cannot be written to."""
    return f"I can only tell you in private. Please open {hello_url} and press Start."


# -- paying -----------------------------------------------------------------------------------------------------------


def dialog(intent: Intent, *, is_private: bool) -> str:
    """The question, above its buttons; or what became of it."""
    if intent.state is not IntentState.OPEN or intent.amount is None:
        return intent_ended(intent)
    if is_private:
        return lines(f"Pay {money(intent.amount)} to {name(intent.payee)}?", memo_line(intent.memo))
    return lines(f"{name(intent.payer)}: pay {money(intent.amount)} to {name(intent.payee)}?", memo_line(intent.memo))


def asking(intent: Intent, unit: Currency) -> str:
    """The question for the amount."""
    return lines(
        f"How much do you want to pay to {name(intent.payee)}?",
        memo_line(intent.memo),
        f"Send me the amount, such as {amounts_like(unit)}; /cancel drops it.",
    )


def intent_ended(intent: Intent) -> str:
    """What became of a question that is no longer open."""
    amount = f"{money(intent.amount)} to " if intent.amount else ""
    match intent.state:
        case IntentState.PAID:
            return f"✅ {amount}{name(intent.payee)}: paid, once."
        case IntentState.EXPIRED:
            return f"⌛ {amount}{name(intent.payee)}: not paid in time, nothing was moved."
        case IntentState.ANSWERED:
            return f"You've said how much already: see the question below. (To {name(intent.payee)})"
        case _:
            return f"✖️ {amount}{name(intent.payee)}: cancelled, nothing was moved."


def paid_toast(payment: Payment) -> str:
    """The answer to the press; the receipt follows."""
    return f"Paid {payment.receipt.amount} to {name(payment.payee)}."


INTENT_CANCELLED_TOAST = "Cancelled. Nothing was moved."
DIALOG_STANDS = "I've asked you already: your question is further up in this chat."


def receipt(payment: Payment, *, balance: Money | None = None) -> str:
    """A payment's receipt; the balance is for one pair of eyes only."""
    return lines(f"✅ <b>Paid {payment.receipt.amount}</b>", _details(payment), _balance_line(balance))


def received(payment: Payment, *, balance: Money | None = None) -> str:
    """What the payee is told."""
    titles = {TransferKind.WELCOME: "🎁 <b>A welcome of {}</b>", TransferKind.ISSUE: "🏦 <b>{} were issued to you</b>"}
    title = titles.get(TransferKind(payment.receipt.kind), "💶 <b>You received {}</b>")
    return lines(title.format(payment.receipt.amount), _details(payment), _balance_line(balance))


def _details(payment: Payment) -> str:
    return lines(
        f"From: {name(payment.payer)}",
        f"To: {name(payment.payee)}",
        memo_line(payment.receipt.memo),
        f"When: {when(payment.receipt.created_at)}",
        f"Receipt: <code>{payment.receipt.code}</code>",
    )


def _balance_line(balance: Money | None) -> str | None:
    return None if balance is None else f"Your balance: {money(balance)}"


def dropped(intents: tuple[Intent, ...]) -> str:
    """The answer to /cancel."""
    if not intents:
        return "Nothing waits for your answer. A request of your own: /cancel CODE."
    return lines(*(intent_ended(intent) for intent in intents))


# -- being paid -------------------------------------------------------------------------------------------------------


def request_caption(request: PaymentRequest, url: str) -> str:
    """Under the QR picture of a request."""
    asked = money(request.amount) if request.amount else "any amount"
    return lines(
        f"🧾 {name(request.payee)} asks for {asked}",
        memo_line(request.memo),
        "",
        f"Scan the code, or open {url}",
        f"Open until {when(request.expires_at)}. Code: <code>r_{request.code}</code>",
    )


def request_paid(payment: Payment) -> str:
    """Under the QR picture, once it was paid."""
    return lines(f"✅ <b>{payment.receipt.amount}: paid</b>", _details(payment))


def request_cancelled(request: PaymentRequest) -> str:
    """Under the QR picture, once the payee has taken it back."""
    asked = money(request.amount) if request.amount else "any amount"
    if request.state is not RequestState.CANCELLED:
        return f"The request of {name(request.payee)} for {asked} is {request.state}."
    return lines(f"✖️ {name(request.payee)} no longer asks for {asked}.", memo_line(request.memo))


REQUEST_CANCELLED_TOAST = "Cancelled. It can't be paid any more."


def sheet(paper: str) -> str:
    """Under a sheet to print."""
    return f"🖨 Your QR code on {paper}: print it without scaling, and put it on the counter."


def own_qr(person: Person, url: str) -> str:
    """Under the picture of a person's own QR."""
    return lines(f"📲 Pay {name(person)} any amount, any time", f"Scan the code, or open {url}")


# -- looking ----------------------------------------------------------------------------------------------------------


def history(page: HistoryPage, *, me: PersonId) -> str:
    """A page of what happened in a wallet."""
    if not page.lines:
        return "Nothing has happened in your wallet yet. /request asks somebody for money."
    return "\n\n".join(_history_line(line, me) for line in page.lines)


def _history_line(line: HistoryLine, me: PersonId) -> str:
    payment, sign = line.payment, "+" if line.delta.minor > 0 else ""
    other = payment.payee if payment.payer and payment.payer.id == me else payment.payer
    way = "to" if line.delta.minor < 0 else "from"
    memo = f" · {safe(payment.receipt.memo, length_max=60)}" if payment.receipt.memo else ""
    return lines(
        f"<b>{sign}{line.delta}</b> {way} {name(other)}{memo}",
        f"{when(payment.receipt.created_at)} · then {line.balance_after} · <code>{payment.receipt.code}</code>",
    )


def verified(payment: Payment, *, shows_all: bool) -> str:
    """The answer to /verify."""
    if shows_all:
        return lines(f"✅ Genuine: <b>{payment.receipt.amount}</b>", _details(payment))
    return lines(
        f"✅ Genuine: a payment with the receipt <code>{payment.receipt.code}</code> exists.",
        "This does <b>not</b> show that you were paid: your own receipt does, and /history.",
        "Only its two people see more, in private.",
    )


# -- operators --------------------------------------------------------------------------------------------------------


def issued(payment: Payment) -> str:
    """The answer to /issue."""
    return lines(f"🏦 <b>Issued {payment.receipt.amount}</b>", _details(payment))


AUDIT_BEGINS = "🔎 I'm verifying the books…"


def audited(report: AuditReport) -> str:
    """The answer to /audit."""
    sums = ", ".join(f"{code} {minor}" for code, minor in sorted(report.sums.items())) or "none"
    counted = f"{report.entries} entries, {report.transfers} transfers, {report.wallets} wallets. Sums: {sums}."
    if report.sound:
        return f"✅ The books are sound: {counted}"
    return lines("🛑 <b>The books are not sound.</b>", safe(report.problem or "", length_max=500), counted)
