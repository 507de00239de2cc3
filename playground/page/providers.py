"""What the page shows beside the chat; whoever mounts the page says where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Json = dict[str, Any]


class Spoken(Protocol):
    """A voice note, ready to be posted."""

    @property
    def ogg(self) -> bytes: ...
    @property
    def seconds(self) -> float: ...
    @property
    def waveform_b64(self) -> str: ...


class Sample(Protocol):
    """A file to try things with."""

    @property
    def name(self) -> str: ...
    @property
    def data(self) -> bytes: ...
    @property
    def shows(self) -> str: ...


def _no_fault(_: str) -> None:
    raise LookupError("nothing here can be made to fail")


@dataclass(frozen=True, slots=True)
class Providers:
    """Where the page gets what is not in the local Discord. All but `status` may block.

    Attributes:
        samples: Files to click.
        voice_note: Turns what a browser recorded (WebM with Opus) into a voice note (Ogg with Opus);
            None: it is posted as it was recorded.
        trace: What happened in a job ("newest", or its id): `job`, `state`, `steps`, `calls`,
            `total_usd`; None when there is no such job.
        picture: The bytes and the type of what a model was sent, by the last part of its URL below
            `/page/api/sent/`.
        fault: Makes the next thing of this kind go wrong. LookupError: there is no such kind.
        faults: The kinds that it knows.
        status: `bot` ("starting", "ready" or "down"), `models` and `installing` (a text, or None), `armed`
            (the kinds of `faults` that have yet to strike) and `speaks` (whether there can be a voice sample).
    """

    samples: Callable[[], Sequence[Sample]] = tuple
    voice_note: Callable[[bytes], Spoken] | None = None
    trace: Callable[[str], Json | None] = lambda _: None
    picture: Callable[[str], tuple[bytes, str] | None] = lambda _: None
    fault: Callable[[str], None] = _no_fault
    faults: Sequence[str] = ()
    status: Callable[[], Json] = dict
