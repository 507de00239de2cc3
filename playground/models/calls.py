"""What arrived at the server, kept for those who want to look at it."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from playground.models.abilities import NONE, Abilities
from playground.models.faults import ModelFault
from playground.models.sight import Sight
from playground.models.sound import Sound

_BLOCK_MARK = re.compile(r"\[(data|end) [0-9a-f]{8} ")
"""Prompts mark their data blocks with a random number; two equal calls differ in nothing else."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart form."""

    field: str
    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the prompt."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a function that a model asks for."""

    id: str
    name: str
    arguments: str
    """A JSON object."""


@dataclass(slots=True)
class ModelCall:
    """One call as it arrived.

    Attributes:
        path: With the base path, e.g. `/v1/responses`.
        body: The parsed JSON; of a form its fields (a list where a name ends in `[]`).
        headers: Without the key, names in lower case.
        said: The messages of a prompt, instructions first, in order.
        sights: Every picture in it, decoded.
        sounds: Every recording in it, decoded.
        uploads: The files of a form, raw.
        tool_calls: What was asked of tools since the last message of a person.
        tool_results: What they brought, in words; of a picture what is seen in it.
        status: HTTP status of the answer; 0 while there is none, and when the connection broke.
        started, ended: On the monotonic clock; `ended` is None while the call is open.
        number: How many calls came to the server before it.
        abilities: Those of the server that it came to.
        fault: What struck it.
        tokens: Input and output, as billed.
    """

    path: str
    body: Any
    headers: dict[str, str]
    said: list[Said] = field(default_factory=list[Said])
    sights: list[Sight] = field(default_factory=list[Sight])
    sounds: list[Sound] = field(default_factory=list[Sound])
    uploads: list[Upload] = field(default_factory=list[Upload])
    tool_calls: list[ToolCall] = field(default_factory=list[ToolCall])
    tool_results: list[str] = field(default_factory=list[str])
    abilities: Abilities = field(default=NONE, repr=False)
    number: int = 0
    status: int = 0
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None
    fault: ModelFault | None = None
    tokens: tuple[int, int] = (0, 0)

    @property
    def text(self) -> str:
        """All that was said but the instructions."""
        return "\n".join(each.text for each in self.said if each.role not in {"system", "developer", "tool"})

    @property
    def retry(self) -> int:
        """How many tries of the client came before this one."""
        return int(self.headers.get("x-stainless-retry-count", 0))

    @property
    def model(self) -> str:
        """The model that was asked for."""
        return str(self.body.get("model", ""))

    @property
    def prompt(self) -> str:
        """The prompt of a transcription or a drawing."""
        return str(self.body.get("prompt", ""))

    @property
    def digest(self) -> str:
        """Hash of what was asked, the same for two calls that ask the same."""
        asked = json.dumps([self.path, self.body], sort_keys=True)
        files = [f"{each.field}:{hashlib.sha256(each.data).hexdigest()}" for each in self.uploads]
        return hashlib.sha256("\n".join([_BLOCK_MARK.sub(r"[\1 ", asked), *files]).encode()).hexdigest()


def repeated(calls: Iterable[ModelCall]) -> dict[str, int]:
    """Return the digests of payloads that got an ordinary answer more than once, with how often."""
    answered = Counter(call.digest for call in calls if call.status == 200 and call.fault is None)
    return {digest: count for digest, count in answered.items() if count > 1}
