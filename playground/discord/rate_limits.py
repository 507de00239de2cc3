"""Rate limits: buckets by route, the limit over all, and the ban of those who do not stop."""

from __future__ import annotations

import hashlib
import math
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

INVALID_SECONDS = 600.0
INVALID_STATUSES = frozenset({401, 403, 429})


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in so many seconds."""

    requests: int
    seconds: float


_MESSAGES = "/channels/{channel_id}/messages"
_MESSAGE = f"{_MESSAGES}/{{message_id}}"
USUAL = Limit(50, 1.0)
BY_ROUTE: Mapping[tuple[str, str], Limit] = {
    ("POST", _MESSAGES): Limit(5, 5.0),
    ("PATCH", _MESSAGE): Limit(5, 5.0),
    ("DELETE", _MESSAGE): Limit(5, 1.0),
    ("PUT", f"{_MESSAGE}/reactions/{{emoji}}/@me"): Limit(1, 0.25),
    ("POST", "/channels/{channel_id}/typing"): Limit(5, 5.0),
}
RENAME = Limit(2, 600.0)
"""Changes of a channel's name or topic."""


@dataclass(slots=True)
class _Window:
    """How much of a limit is used up, until it starts anew."""

    limit: Limit
    ends: float = 0.0
    used: int = 0

    def take(self, now: float) -> bool:
        if now >= self.ends:
            self.ends, self.used = now + self.limit.seconds, 0
        if self.used >= self.limit.requests:
            return False
        self.used += 1
        return True


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, and what its answer says about the bucket."""

    headers: dict[str, str] = field(default_factory=dict[str, str])
    retry_after: float | None = None
    """Seconds to wait; None: it may pass."""
    is_global: bool = False


class RateLimits:
    """Discord's limits as far as they are known. Bots must go by the headers, never by these numbers.

    Attributes:
        invalid: When answers of 401, 403 or 429 were given, in the last ten minutes.
    """

    def __init__(
        self,
        *,
        global_per_second: int = 50,
        by_route: Mapping[tuple[str, str], Limit] = BY_ROUTE,
        usual: Limit = USUAL,
        rename: Limit = RENAME,
        invalid_in_ten_minutes: int = 10_000,
    ) -> None:
        self._global = _Window(Limit(global_per_second, 1.0))
        self._by_route = by_route
        self._usual = usual
        self._rename = rename
        self._invalid_limit = invalid_in_ten_minutes
        self._windows: dict[tuple[str, str, str], _Window] = {}
        self._renames: dict[int, _Window] = {}
        self.invalid: deque[float] = deque()

    @classmethod
    def generous(cls) -> Self:
        """Return limits that no reasonable test meets."""
        return cls(
            global_per_second=100_000, by_route={}, usual=Limit(100_000, 1.0), rename=Limit(100_000, 1.0)
        )

    def take(self, method: str, route: str, major: str, *, counts_globally: bool) -> Verdict:
        """Count a request.

        Args:
            method: HTTP method.
            route: The path with its parameters' names.
            major: Values of the parameters that have buckets of their own.
            counts_globally: False for answers to interactions.
        """
        now = time.monotonic()
        if counts_globally and not self._global.take(now):
            return Verdict({"X-RateLimit-Global": "true"}, self._global.ends - now, is_global=True)
        limit = self._by_route.get((method, route), self._usual)
        window = self._windows.setdefault((method, route, major), _Window(limit))
        passed = window.take(now)
        left = max(0.0, window.ends - now)
        headers = {
            "X-RateLimit-Limit": str(limit.requests),
            "X-RateLimit-Remaining": str(limit.requests - window.used),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{math.ceil(left * 1000) / 1000:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(f"{method} {route}".encode()).hexdigest()[:32],
        }
        return Verdict(headers, None if passed else left)

    def rename(self, channel_id: int) -> float | None:
        """Count a change of a channel's name or topic; return seconds to wait if there were too many."""
        window = self._renames.setdefault(channel_id, _Window(self._rename))
        now = time.monotonic()
        return None if window.take(now) else window.ends - now

    def answered(self, status: int) -> None:
        """Count an answer that Discord holds against the bot."""
        if status in INVALID_STATUSES:
            self.invalid.append(time.monotonic())

    @property
    def is_banned(self) -> bool:
        """Whether so many requests were invalid that nothing is answered any more."""
        while self.invalid and time.monotonic() - self.invalid[0] > INVALID_SECONDS:
            self.invalid.popleft()
        return len(self.invalid) >= self._invalid_limit
