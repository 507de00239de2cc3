"""Faults on demand: the ways in which a model server can fail or answer oddly."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from playground.models.errors import ApiError

if TYPE_CHECKING:
    from playground.models.calls import ModelCall

Action = Literal[
    # before an answer is made
    "status",  # an error of the API: `status` and `code`
    "html",  # a proxy's page under `status`
    "reset",  # the connection breaks before an answer
    "hang",  # nothing for `seconds`, then the answer
    "garbage",  # broken JSON under 200
    # while the answer is sent
    "reset_in_body",  # the connection breaks in the middle of the body
    "trickle",  # the body comes in pieces, one every `seconds`
    "broken_stream",  # the connection breaks in the middle of the events
    "short_stream",  # the events end in the middle, the connection is closed as if all was well
    "stream_error",  # an error event with `code` in the middle of the events
    # in the place of a language model's answer
    "refusal",  # a refusal part
    "truncated",  # cut short: max_output_tokens
    "reasoning_only",  # all tokens went into reasoning, nothing was said: max_output_tokens
    "content_filter",  # cut short: content_filter
    "failed",  # Responses alone: status failed with `code`, under HTTP 200
    "empty",  # nothing was said
]
SPOKEN: frozenset[Action] = frozenset(
    {"refusal", "truncated", "reasoning_only", "content_filter", "failed", "empty"}
)
STREAMED: frozenset[Action] = frozenset({"broken_stream", "short_stream", "stream_error"})


@dataclass(slots=True)
class ModelFault:
    """A rule: strikes calls that match, the first `after` of them excepted, `times` times.

    A rule never strikes where its action means nothing: refusals are a language model's alone,
    and a stream breaks only where one was asked for.

    Args:
        path: Regular expression searched in the path, e.g. `/responses$`; empty for every call.
        action: What happens.
        status: HTTP status of "status" and "html".
        code: The API's code of "status", "failed" and "stream_error".
        seconds: How long "hang" lasts, and the pause between the pieces of "trickle".
        retry_after_ms: Header of "status"; None leaves it out.
        retry_after: The same in seconds or as an HTTP date.
        when: Strikes only calls for which this is true.
    """

    path: str
    action: Action
    status: int = 500
    code: str = "server_error"
    seconds: float | None = None
    retry_after_ms: int | None = 1
    retry_after: str | None = None
    after: int = 0
    times: int = 1
    when: Callable[[ModelCall], bool] | None = None
    struck: int = 0
    seen: int = 0

    def strikes(self, call: ModelCall) -> bool:
        """Tell whether this call is hit; counts it."""
        if self.struck >= self.times or not self._concerns(call):
            return False
        self.seen += 1
        if self.seen <= self.after:
            return False
        self.struck += 1
        return True

    def error(self) -> ApiError:
        """Return the error of the API that "status" stands for."""
        headers: dict[str, str] = {}
        if self.retry_after_ms is not None:
            headers["retry-after-ms"] = str(self.retry_after_ms)
        if self.retry_after is not None:
            headers["retry-after"] = self.retry_after
        return ApiError(self.status, self.code, headers=headers)

    def _concerns(self, call: ModelCall) -> bool:
        speaks = call.path.endswith(("/responses", "/chat/completions"))
        if self.action == "failed":
            speaks = call.path.endswith("/responses")
        if self.action in SPOKEN and not speaks:
            return False
        if self.action in STREAMED and call.body.get("stream") not in {True, "true"}:
            return False
        return bool(re.search(self.path, call.path)) and (self.when is None or self.when(call))


class Faults:
    """All rules of a server."""

    def __init__(self) -> None:
        self._rules: list[ModelFault] = []

    def add(self, fault: ModelFault) -> ModelFault:
        """Add a rule; the first that matches a call strikes."""
        self._rules.append(fault)
        return fault

    def strike(self, call: ModelCall) -> ModelFault | None:
        """Return the rule that hits this call."""
        return next((rule for rule in self._rules if rule.strikes(call)), None)

    def clear(self) -> None:
        """Forget all rules."""
        self._rules.clear()
