"""The glass wall's words: the books, the calls and the updates as plain values for the page."""

from __future__ import annotations

from typing import Any

from bot.sandbox.api import Call
from bot.sandbox.stage import Stage
from wallet_core import AuditReport, WallEntry, WallSeen, WallTask

CALLS_SHOWN = 60
UPDATES_SHOWN = 30
BRIEF = 90  # characters of a call's or an update's content
_POLL = "getUpdates"


def books_shown(seen: WallSeen, report: AuditReport) -> dict[str, Any]:
    """What is in the books."""
    names = {wallet.id: wallet.owner.name if wallet.owner else wallet.kind for wallet in seen.wallets}
    return {
        "sound": report.sound and not any(report.sums.values()),
        "problem": report.problem,
        "verified": {"transfers": report.transfers, "entries": report.entries, "wallets": report.wallets},
        "sums": report.sums,
        "wallets": [
            {"id": wallet.id, "kind": wallet.kind, "state": wallet.state, "version": wallet.version}
            | {"person": wallet.owner.id if wallet.owner else None, "name": names[wallet.id]}
            | {"balance": str(wallet.balance), "head": wallet.head.hex() if wallet.head else None}
            for wallet in seen.wallets
        ],
        "transfers": [
            {"id": moved.id, "code": moved.code, "kind": moved.kind, "memo": moved.memo, "amount": str(moved.amount)}
            | {"at": moved.created_at.timestamp()}
            | {"debit": _entry(moved.debit, names), "credit": _entry(moved.credit, names)}
            for moved in seen.transfers
        ],
        "outbox": [_task(task) for task in seen.outbox],
        "places": [_task(task) for task in seen.places],
        "agenda": [_task(task) for task in seen.agenda],
        "parked": seen.parked,
    }


def _entry(entry: WallEntry, names: dict[int, str]) -> dict[str, Any]:
    return {
        "id": entry.id,
        "wallet": entry.wallet,
        "name": names.get(entry.wallet, f"wallet {entry.wallet}"),
        "version": entry.version,
        "delta": str(entry.delta),
        "after": str(entry.balance_after),
        "hash": entry.hash.hex(),
        "previous": entry.previous,
        "previous_hash": entry.previous_hash.hex() if entry.previous_hash else None,
    }


def _task(task: WallTask) -> dict[str, Any]:
    return {
        "what": task.what,
        "about": task.about,
        "due": task.due_at.timestamp(),
        "attempts": task.attempts,
    }


def calls_shown(stage: Stage) -> list[dict[str, Any]]:
    """The last calls, new ones first; polls only where they failed."""
    found: list[dict[str, Any]] = []
    for call in reversed(stage.calls):
        if call.method != _POLL or call.status != 200:
            found.append(
                {"method": call.method, "status": call.status, "at": call.at_s, "about": _brief(call)}
                | ({"error": call.description} if call.description else {})
            )
        if len(found) >= CALLS_SHOWN:
            break
    return found


def _brief(call: Call) -> str:
    params = call.params
    said = params.get("text") or params.get("caption") or params.get("action") or ""
    place = f"→ {params['chat_id']}" if "chat_id" in params else ""
    return f"{place} {said}".strip()[:BRIEF]


def updates_shown(stage: Stage) -> list[dict[str, Any]]:
    """The last updates, new ones first."""
    found = []
    for update in list(reversed(stage.updates))[:UPDATES_SHOWN]:
        content = update.raw[update.kind]
        said = content.get("text") or content.get("caption") or content.get("data") or content.get("query") or ""
        sender = content.get("from", {}).get("first_name", "")
        found.append({"id": update.id, "kind": update.kind, "about": f"{sender}: {said}"[:BRIEF]})
    return found
