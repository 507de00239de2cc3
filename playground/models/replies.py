"""Answers as they go over the wire: one body, or a stream of events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer under HTTP 200.

    Attributes:
        chunks: The whole body; of a stream one chunk an event.
        error_event: What a stream of this API says when it fails in the middle.
    """

    chunks: list[bytes]
    content_type: str = "application/json"
    error_event: bytes = b""


def as_json(body: Any) -> Reply:
    """Return a JSON answer."""
    return Reply([json.dumps(body).encode()])


def as_text(text: str) -> Reply:
    """Return a plain text answer."""
    return Reply([text.encode()], "text/plain; charset=utf-8")


def as_events(events: Iterable[bytes], *, error_event: bytes = b"") -> Reply:
    """Return a stream of events."""
    return Reply(list(events), "text/event-stream; charset=utf-8", error_event)


def event(data: Mapping[str, Any]) -> bytes:
    """Return a server-sent event, named by its `type` where it has one."""
    name = f"event: {data['type']}\n" if "type" in data else ""
    return f"{name}data: {json.dumps(data)}\n\n".encode()
