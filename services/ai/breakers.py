"""Breakers: a model server that is away is asked once in a while, not by every call of every job.

closed     calls go through; so many failures in a row (no connection, 5xx, no answer in time) open it
open       calls wait a little, then end in one sentence; the pauses between two probes double
half-open  one call, the probe, goes through: what becomes of it closes the breaker or opens it again

One breaker a role, in each process: roles may have servers of their own, and each process finds out by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Literal

from services.errors import AccessError, BlockedError, BusyError, CreditError, DeadlineError, ReplyError

log = logging.getLogger(__name__)

State = Literal["closed", "open", "half-open"]
_AWAY = (BusyError, DeadlineError)
_ANSWERED = (AccessError, BlockedError, CreditError, ReplyError)
"""The server is there, whatever it says."""


@dataclass(frozen=True, slots=True)
class BreakerLimits:
    """When a breaker opens, and for how long."""

    failures: int = 5
    """In a row."""
    first_pause: float = 10.0
    """Seconds until the first probe; each failed one doubles the pause."""
    longest_pause: float = 60.0
    patience: float = 20.0
    """Seconds that a call waits for an open breaker to close."""


@dataclass(frozen=True, slots=True)
class BreakerView:
    """How a breaker is, for those who watch."""

    role: str
    state: State
    failures: int
    """In a row, up to now."""
    opened: int
    """How often it has opened since the process started."""


class Breaker:
    """Guards the calls of one role."""

    def __init__(self, role: str, limits: BreakerLimits, *, now: Callable[[], float] = time.monotonic) -> None:
        self._role = role
        self._limits = limits
        self._now = now
        self._failures = 0
        self._opened = 0
        self._pause = 0.0
        """0: closed."""
        self._probe_at = 0.0
        self._probing = False
        self._changed = asyncio.Event()

    def view(self) -> BreakerView:
        """Return how it is now."""
        due = self._probing or self._now() >= self._probe_at
        state: State = "closed" if not self._pause else "half-open" if due else "open"
        return BreakerView(self._role, state, self._failures, self._opened)

    @contextlib.asynccontextmanager
    async def guard(self) -> AsyncGenerator[None]:
        """Make a call within this block; how it ends is what the breaker learns from.

        Raises:
            BusyError: The server is away; nothing was called.
        """
        probes = await self._enter()
        try:
            yield
        except _AWAY:
            self._failed(probes=probes)
            raise
        except _ANSWERED:
            self._answered()
            raise
        else:
            self._answered()
        finally:
            if probes:  # Also when the call was cancelled, or not made for want of money.
                self._probing = False
                self._wake()

    async def _enter(self) -> bool:
        """Wait until a call may be made; tell whether it is the probe."""
        deadline = self._now() + self._limits.patience
        while self._pause:
            now = self._now()
            if not self._probing and now >= self._probe_at:
                self._probing = True
                return True
            if now >= deadline:
                raise BusyError("model-away")
            until = deadline if self._probing else min(deadline, self._probe_at)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), until - now)
        return False

    def _failed(self, *, probes: bool) -> None:
        self._failures += 1
        if self._pause and not probes:
            return  # It began before the breaker opened, and says nothing new.
        if probes or self._failures >= self._limits.failures:
            if not self._pause:
                self._opened += 1
                log.warning("The model server of %s is away: calls wait for it", self._role)
            doubled = self._pause * 2 or self._limits.first_pause
            self._pause = min(doubled, self._limits.longest_pause)
            self._probe_at = self._now() + self._pause

    def _answered(self) -> None:
        self._failures = 0
        if self._pause:
            log.warning("The model server of %s is back", self._role)
            self._pause = 0.0
            self._wake()

    def _wake(self) -> None:
        """Let everyone who waits look again."""
        self._changed.set()
        self._changed = asyncio.Event()


class Breakers:
    """The breakers of a process, one a role."""

    def __init__(self, limits: BreakerLimits | None = None) -> None:
        self._limits = limits or BreakerLimits()
        self._breakers: dict[str, Breaker] = {}

    def of(self, role: str) -> Breaker:
        """Return the breaker of a role."""
        if role not in self._breakers:
            self._breakers[role] = Breaker(role, self._limits)
        return self._breakers[role]

    def views(self) -> list[BreakerView]:
        """Return how the breakers of the roles that were used are now."""
        return [each.view() for each in self._breakers.values()]
