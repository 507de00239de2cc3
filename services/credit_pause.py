"""Paid work pauses while the account has no credit or its key is rejected."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable

from services.errors import CreditError

log = logging.getLogger(__name__)

PAUSE_SECONDS = 300.0
PROBE_SECONDS = 30.0
"""Long enough for the one call that tries again."""


class CreditPause:
    """Remembers that paying failed; after a while one call may try again.

    The owner is told once, in the log and in private, until a call succeeds.

    Args:
        tell_owner: Tells the owner under which code (of the catalogue) paying failed. Must not raise.
    """

    def __init__(
        self, tell_owner: Callable[[str], Awaitable[None]], *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._tell_owner = tell_owner
        self._now = now
        self._until = 0.0
        self._told = False
        """Also: the pause, over or not, has not been ended by a paid call yet."""

    def check(self) -> None:
        """Raise what stopped paid work, while the pause lasts.

        Raises:
            CreditError: Paid work is paused.
        """
        if self.lasts:
            raise CreditError("credit-paused")

    @property
    def lasts(self) -> bool:
        """Whether paid work is paused."""
        return self._now() < self._until

    def check_call(self) -> None:
        """As `check`, before a call: after the pause one call goes first, and the others wait for its end.

        Raises:
            CreditError: Paid work is paused.
        """
        self.check()
        if self._told:
            self._until = self._now() + PROBE_SECONDS

    async def begin(self, error: CreditError) -> None:
        """Pause, because this call could not be paid."""
        self._until = self._now() + PAUSE_SECONDS
        if not self._told:
            self._told = True
            log.critical("Paid work is paused: %s. Check credit and API key.", error)
            await self._tell_owner(error.code)

    def end(self) -> None:
        """Note that a call was paid again."""
        self._until = 0.0
        self._told = False
