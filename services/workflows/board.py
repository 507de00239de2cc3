"""The state of a running job, as its progress card shows it."""

from __future__ import annotations

from collections.abc import Sequence

from services.domain import Attachment, ItemOutcome, ItemProgress, ItemState, Progress


class Board:
    """Keeps one line for each attachment of a job, how far it is, and what it has cost in this process."""

    def __init__(self, attachments: Sequence[Attachment]) -> None:
        self._items = [ItemProgress(each.filename, ItemState.WAITING) for each in attachments]
        self._calls_done = 0
        self._calls_planned = 0
        self._spent_usd: float | None = 0.0

    def begin(self, index: int) -> None:
        """Note that work on an attachment has begun."""
        self._items[index] = ItemProgress(self._items[index].filename, ItemState.WORKING)

    def end(self, index: int, outcome: ItemOutcome) -> None:
        """Note how an attachment ended."""
        state = ItemState.DONE if outcome.failure is None else ItemState.FAILED
        self._items[index] = ItemProgress(outcome.filename, state, outcome.failure)

    def plan(self, calls: int) -> None:
        """Note that so many more calls will be made for recordings."""
        self._calls_planned += calls

    def call_done(self) -> None:
        """Note that one of the planned calls has been made."""
        self._calls_done += 1

    def spend(self, usd: float | None) -> None:
        """Add what a call cost; one without a known price makes the sum unknown."""
        if usd is None or self._spent_usd is None:
            self._spent_usd = None
        else:
            self._spent_usd += usd

    def progress(self, phase: str) -> Progress:
        """Return the snapshot for the card: calls where there are recordings, otherwise attachments."""
        done = sum(each.state in {ItemState.DONE, ItemState.FAILED} for each in self._items)
        total = len(self._items)
        if self._calls_planned:
            done, total = self._calls_done, self._calls_planned
        return Progress(phase, done, total, tuple(self._items), self._spent_usd)
