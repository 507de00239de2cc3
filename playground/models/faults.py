"""Faults on demand: the ways in which a model server can fail or answer oddly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Action = Literal[
    "status",  # an error of the API: `status` and `code`
    "html",  # a proxy's page under `status`
    "reset",  # the connection breaks before an answer
    "hang",  # no answer for `seconds`
    "garbage",  # broken JSON
    "refusal",  # a refusal part
    "truncated",  # status incomplete: max_output_tokens
    "content_filter",  # status incomplete: content_filter
    "failed",  # status failed with `code`, HTTP 200
    "empty",  # no output
    "broken_stream",  # SSE that ends in the middle
    "stream_error",  # SSE error event with `code`
]


@dataclass(slots=True)
class ModelFault:
    """A rule: strikes calls whose path ends with `path`, after `after` of them, `times` times."""

    path: str
    action: Action
    status: int = 500
    code: str = "server_error"
    seconds: float = 3600.0
    retry_after_ms: int | None = 1
    after: int = 0
    times: int = 1
    struck: int = 0
    seen: int = 0

    def strikes(self, path: str) -> bool:
        """Tell whether this call is hit; counts it."""
        if self.struck >= self.times or not path.endswith(self.path):
            return False
        self.seen += 1
        if self.seen <= self.after:
            return False
        self.struck += 1
        return True
