"""Faults on demand: what may go wrong between a client and Discord."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Action = Literal[
    # REST and CDN
    "status",  # answer with `status` and `code`, nothing was done
    "html",  # a proxy's page, with `status`
    "garbage",  # broken JSON
    "rate_limit",  # 429 as Discord sends it, for `seconds`
    "cloudflare",  # 429 without Via, as before a ban
    "reset",  # the connection breaks, nothing was done
    "lost_answer",  # it was done, the answer never arrives
    "delay",  # it takes `seconds`
    "event",  # `happens` a moment before; then it is answered as the world has become
    # CDN
    "short_body",  # less than announced
    "slow_body",  # in pieces, `seconds` apart
    "redirect",  # somewhere else: `location`
    # gateway
    "drop",  # the connection breaks before the event arrives; it is replayed to those who resume
    "reconnect",  # Discord asks to connect again (op 7)
    "invalid_session",  # the session is void (op 9)
    "duplicate",  # the event arrives twice
    "lose",  # the event never arrives
]
GATEWAY = "GATEWAY"
"""Stands for the method in rules about events; the path is then the event's name."""


@dataclass(slots=True)
class Fault:
    """A rule: the first that matches a request, a download or an event strikes.

    Args:
        method: HTTP method, or `GATEWAY`.
        path: Regular expression searched in the path (of REST calls: without `/api/v10`), or in the
            event's name.
        action: What happens; see `Action`.
        status: Of `status` and `html`.
        code: Discord's code of `status`.
        seconds: Of `delay`, `slow_body` and `rate_limit`.
        after: How many matching requests pass before the first strike.
        times: How many strikes.
        body: Regular expression searched in the JSON of the body; empty matches all.
        location: Of `redirect`.
        happens: Of `event`.
    """

    method: str
    path: str
    action: Action
    status: int = 500
    code: int = 0
    seconds: float = 0.0
    after: int = 0
    times: int = 1
    body: str = ""
    location: str = "http://127.0.0.1:1/elsewhere"
    happens: Callable[[], object] | None = None
    struck: int = 0
    _seen: int = field(default=0, repr=False)

    def strikes(self, method: str, path: str, body: Any) -> bool:
        """Tell whether this is hit; counts it."""
        if self.struck >= self.times or method != self.method or not re.search(self.path, path):
            return False
        if self.body and not re.search(self.body, json.dumps(body, ensure_ascii=False)):
            return False
        self._seen += 1
        if self._seen <= self.after:
            return False
        self.struck += 1
        return True


class Faults:
    """All rules of a server."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []

    def add(self, *faults: Fault) -> Fault:
        """Add rules; return the last."""
        self._rules += faults
        return faults[-1]

    def strike(self, method: str, path: str, body: Any = None) -> Fault | None:
        """Return the rule that hits this."""
        return next((rule for rule in self._rules if rule.strikes(method, path, body)), None)

    def clear(self) -> None:
        """Forget all rules."""
        self._rules.clear()


def rate_limit_body(seconds: float, *, is_global: bool = False) -> dict[str, Any]:
    """Return the body of a 429."""
    return {"message": "You are being rate limited.", "retry_after": round(seconds, 3), "global": is_global}
