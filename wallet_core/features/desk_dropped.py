"""An operator drops all that they were asked: whether to issue money, to one or many, whether to tell everybody, and
whose what came in is."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.features.announcements import QUESTIONS as ANNOUNCEMENTS
from wallet_core.features.announcements import Announcement, AnnouncementState, announcement_view
from wallet_core.features.bank_lines import BankLine, BankLineRow, line_view
from wallet_core.features.issue_lists import QUESTIONS as ISSUE_LISTS
from wallet_core.features.issue_lists import IssueList, IssueListState, issue_list_view
from wallet_core.features.issues import QUESTIONS as ISSUES
from wallet_core.features.issues import IssueState, Issuing, issue_view
from wallet_core.ledger.books import Books
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.values import PersonId


@dataclass(frozen=True, slots=True)
class DeskDropped:
    """The questions that waited."""

    issues: tuple[Issuing, ...]
    lists: tuple[IssueList, ...]
    announcements: tuple[Announcement, ...]
    whose: BankLine | None  # that waits on, but nobody is picked for it now


@dataclass(frozen=True, slots=True, kw_only=True)
class DropDesk:
    """An operator drops every question of this kind that waits for them; gives those that were dropped."""

    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The unfinished questions of the operator."""
        for kind in (ISSUES, ISSUE_LISTS, ANNOUNCEMENTS):
            needs.record(kind.row, waiting=self.person)
        needs.record(BankLineRow, asked=self.person)

    def apply(self, books: Books) -> DeskDropped:
        """Cancel them."""
        issues = ISSUES.drop(books, self.person, IssueState.CANCELLED)
        lists = ISSUE_LISTS.drop(books, self.person, IssueListState.CANCELLED)
        announcements = ANNOUNCEMENTS.drop(books, self.person, AnnouncementState.CANCELLED)
        whose = next((row for row in books.every(BankLineRow) if row.asked_by == self.person), None)
        if whose is not None:
            whose.asked_by = whose.number = None
            books.changed(whose)
        return DeskDropped(
            tuple(issue_view(books, row) for row in issues),
            tuple(issue_list_view(books, row) for row in lists),
            tuple(announcement_view(books, row) for row in announcements),
            None if whose is None else line_view(whose, books),
        )
