"""Readings of recordings and videos as JSON, for programs; pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from services.domain import Chapter, Correction, Moment, Reading, Segment, Timeline, Transcript

FORMAT_VERSION = 1
"""Goes up when a field changes its meaning or goes away."""
DIGITS = 3
"""Of seconds: milliseconds are finer than any of this is known."""


def as_json(name: str, reading: Reading, corrections: Sequence[Correction] = ()) -> str:
    """Return what is seen and heard, on one clock; empty for a reading that has no clock.

    The object has `version` (of this format), `file`, `seconds`, `language`, `title`, `summary`, `chapters`
    (`start`, `title`, `text`), `moments` (`time`, `text`, `visible_text`: what single frames show), `segments`
    (`start`, `end`, `text`: what is said) and `corrections` (`text`, `replaces`: what people set right). All
    times are seconds from the file's start; the ends of segments are approximate.

    Args:
        name: Of the file that was read.
        reading: What was read of it.
        corrections: In order.
    """
    match reading:
        case Timeline():
            moments, summary = reading.moments, reading.summary
        case Transcript():
            moments, summary = (), reading.summary
        case _:
            return ""
    content: dict[str, Any] = {
        "version": FORMAT_VERSION,
        "file": name,
        "seconds": round(reading.seconds, DIGITS),
        "language": reading.language,
        "title": summary.title if summary else "",
        "summary": summary.text if summary else "",
        "chapters": [_rounded(each) for each in (summary.chapters if summary else ())],
        "moments": [_rounded(each) for each in moments],
        "segments": [_rounded(each) for each in reading.segments],
        "corrections": [{"text": each.text, "replaces": each.replaces} for each in corrections],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _rounded(entry: Chapter | Moment | Segment) -> dict[str, Any]:
    fields = asdict(entry).items()
    return {name: round(value, DIGITS) if isinstance(value, float) else value for name, value in fields}
