"""An operator drops all that they were asked: whether to issue money, to one or many, whether to tell everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from wallet_core.features.announcements import (
    Announcement,
    AnnouncementRow,
    AnnouncementState,
    announcement_view,
    end_announcement,
)
from wallet_core.features.issue_lists import IssueList, IssueListRow, IssueListState, end_issue_list, issue_list_view
from wallet_core.features.issues import IssueRow, IssueState, Issuing, end_issue, issue_view
from wallet_core.ledger.books import Books
from wallet_core.ledger.rows import Needs
from wallet_core.ledger.values import PersonId

Row = TypeVar("Row", IssueRow, IssueListRow, AnnouncementRow)


@dataclass(frozen=True, slots=True)
class DeskDropped:
    """The questions that waited."""

    issues: tuple[Issuing, ...]
    lists: tuple[IssueList, ...]
    announcements: tuple[Announcement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DropDesk:
    """An operator drops every question of this kind that waits for them; gives those that were dropped."""

    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The unfinished questions of the operator."""
        for row in (IssueRow, IssueListRow, AnnouncementRow):
            needs.record(row, waiting=self.person)

    def apply(self, books: Books) -> DeskDropped:
        """Cancel them."""
        issues = self._waiting(books, books.every(IssueRow))
        lists = self._waiting(books, books.every(IssueListRow))
        announcements = self._waiting(books, books.every(AnnouncementRow))
        for issue in issues:
            end_issue(books, issue, IssueState.CANCELLED)
        for each in lists:
            end_issue_list(books, each, IssueListState.CANCELLED)
        for announcement in announcements:
            end_announcement(books, announcement, AnnouncementState.CANCELLED)
        return DeskDropped(
            tuple(issue_view(books, row) for row in issues),
            tuple(issue_list_view(books, row) for row in lists),
            tuple(announcement_view(books, row) for row in announcements),
        )

    def _waiting(self, books: Books, rows: list[Row]) -> list[Row]:
        return [
            row for row in rows if row.operator == self.person and row.state == "open" and books.now_us < row.expires_at
        ]
