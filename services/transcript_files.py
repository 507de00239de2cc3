"""Transcripts as files: plain text, SubRip and WebVTT; pure.

Sources: https://www.matroska.org/technical/subtitles.html#srt-subtitles (SubRip has no standard of its own) and
https://www.w3.org/TR/webvtt1/.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from pathlib import PurePath

from services.domain import Segment
from services.readings import clock

STEM_LIMIT = 40
SHORTEST_CUE_SECONDS = 0.2


def as_txt(segments: Sequence[Segment]) -> str:
    """Return a transcript to read, each segment behind its time."""
    return "".join(f"[{clock(each.start)}] {each.text}\n" for each in segments)


def as_srt(segments: Sequence[Segment]) -> str:
    """Return a transcript as SubRip."""
    cues = [
        f"{number}\n{_stamp(start, ',')} --> {_stamp(end, ',')}\n{text}\n"
        for number, (start, end, text) in enumerate(_cues(segments), 1)
    ]
    return "\n".join(cues)


def as_vtt(segments: Sequence[Segment]) -> str:
    """Return a transcript as WebVTT."""
    cues = [
        f"{_stamp(start, '.')} --> {_stamp(end, '.')}\n{html.escape(text, quote=False)}\n"
        for start, end, text in _cues(segments)
    ]
    return "\n".join(["WEBVTT\n", *cues])


def file_stem(filename: str) -> str:
    """Return a posted name as the stem of a file of ours: ASCII letters, digits, `_` and `-` only."""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", PurePath(filename).stem).strip("-_")[:STEM_LIMIT].rstrip("-_")
    return stem or "recording"


def _cues(segments: Sequence[Segment]) -> list[tuple[float, float, str]]:
    """Return what is shown when: in order, never two at once, each long enough to be seen."""
    cues: list[tuple[float, float, str]] = []
    for index, each in enumerate(segments):
        following = segments[index + 1].start if index + 1 < len(segments) else None
        end = max(each.end, each.start + SHORTEST_CUE_SECONDS)
        if following is not None and following > each.start:
            end = min(end, following)
        # An arrow inside a text would be read as a line of times.
        cues.append((each.start, end, " ".join(each.text.split()).replace("-->", "->")))
    return cues


def _stamp(seconds: float, point: str) -> str:
    whole, milliseconds = divmod(max(round(seconds * 1000), 0), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{milliseconds:03}"
