"""Faults on demand: what may go wrong between a client and Discord."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal

Action = Literal[
    "status",  # answer with `status` and `code`, nothing was done
    "html",  # a proxy's page
    "garbage",  # broken JSON
    "rate_limit",  # 429 as Discord sends it
    "cloudflare",  # 429 without Via, as before a ban
    "reset",  # the connection breaks, nothing was done
    "lost_answer",  # it was done, the answer never arrives
    "delay",  # it takes `seconds`
    "short_body",  # CDN: less than announced
    "redirect",  # CDN: somewhere else
]


@dataclass(slots=True)
class Fault:
    """A rule: the first that matches a request strikes.

    Args:
        method: HTTP method.
        path: Regular expression searched in the path.
        after: How many matching requests pass before the first strike.
        times: How many strikes.
    """

    method: str
    path: str
    action: Action
    status: int = 500
    code: int = 0
    seconds: float = 0.0
    after: int = 0
    times: int = 1
    struck: int = 0
    _seen: int = field(default=0, repr=False)

    def strikes(self, method: str, path: str) -> bool:
        """Tell whether this request is hit; counts it."""
        if self.struck >= self.times or method != self.method or not re.search(self.path, path):
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

    def add(self, fault: Fault) -> Fault:
        """Add a rule."""
        self._rules.append(fault)
        return fault

    def strike(self, method: str, path: str) -> Fault | None:
        """Return the rule that hits this request."""
        return next((rule for rule in self._rules if rule.strikes(method, path)), None)

    def clear(self) -> None:
        """Forget all rules."""
        self._rules.clear()


def rate_limit_body(seconds: float) -> dict[str, Any]:
    """Return the body of a 429."""
    return {"message": "You are being rate limited.", "retry_after": seconds, "global": False}
