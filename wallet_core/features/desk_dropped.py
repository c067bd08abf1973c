"""An operator drops all that they were asked: whether to issue money, to one or many, whether to tell everybody."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.features.announcements import QUESTIONS as ANNOUNCEMENTS
from wallet_core.features.announcements import Announcement, AnnouncementState, announcement_view
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DropDesk:
    """An operator drops every question of this kind that waits for them; gives those that were dropped."""

    person: PersonId

    def needs(self, needs: Needs) -> None:
        """The unfinished questions of the operator."""
        for kind in (ISSUES, ISSUE_LISTS, ANNOUNCEMENTS):
            needs.record(kind.row, waiting=self.person)

    def apply(self, books: Books) -> DeskDropped:
        """Cancel them."""
        issues = ISSUES.drop(books, self.person, IssueState.CANCELLED)
        lists = ISSUE_LISTS.drop(books, self.person, IssueListState.CANCELLED)
        announcements = ANNOUNCEMENTS.drop(books, self.person, AnnouncementState.CANCELLED)
        return DeskDropped(
            tuple(issue_view(books, row) for row in issues),
            tuple(issue_list_view(books, row) for row in lists),
            tuple(announcement_view(books, row) for row in announcements),
        )
