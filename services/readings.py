"""Readings as text: the bridge that later answers, summaries and files are made from; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.domain import (
    Chapter,
    Correction,
    Description,
    Moment,
    Reading,
    Segment,
    Summary,
    Timeline,
    Transcript,
)

PARAGRAPH_PAUSE_SECONDS = 2.0


def clock(seconds: float) -> str:
    """Return a time as people read it: `1:23`, or `1:02:03` from an hour on."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def seconds_of(text: str) -> float | None:
    """Read a time as people write it (`83`, `1:23`, `1:02:03`); None when it is none."""
    parts = text.strip().split(":")
    if len(parts) > 3 or not all(part.isdecimal() and part.isascii() for part in parts):
        return None
    seconds = 0
    for part in parts:
        seconds = seconds * 60 + int(part)
    return float(seconds)


def as_text(reading: Reading, corrections: Sequence[Correction] = ()) -> str:
    """Return everything that a reading holds, for a model that is to work from it.

    Args:
        reading: What was read.
        corrections: What people set right since, in order; the last replacement stands for all before it.
    """
    return _set_right(_read(reading), corrections)


def corrected(reading: Description, corrections: Sequence[Correction]) -> Description:
    """Return a description that holds what people set right since: what is drawn, is drawn from it."""
    if not corrections:
        return reading
    is_replaced = any(each.replaces for each in corrections)
    return replace(
        reading,
        text=_set_right(reading.text, corrections),
        visible_text="" if is_replaced else reading.visible_text,
    )


def _set_right(text: str, corrections: Sequence[Correction]) -> str:
    added: list[str] = []
    for each in corrections:
        if each.replaces:
            text, added = each.text, []
        else:
            added.append(each.text)
    if added:
        text += "\nCorrected by people (this counts, not what stands above): " + " / ".join(added)
    return text


def _read(reading: Reading) -> str:
    match reading:
        case Description():
            return _description(reading)
        case Transcript():
            parts = [f"A recording of {clock(reading.seconds)}{_spoken(reading.language)}"]
            if reading.summary is not None:
                parts.append(summary_text(reading.summary))
            parts.append(spoken_lines(reading.segments) or "Nothing is said in it.")
        case Timeline():
            parts = [
                f"A video of {clock(reading.seconds)}{_spoken(reading.language)}",
                summary_text(reading.summary),
            ]
            parts.append(timeline_lines(reading.moments, reading.segments))
    return "\n".join(part for part in parts if part)


def spoken_lines(segments: Sequence[Segment]) -> str:
    """Return a transcript, each segment on a line that begins with its time."""
    return "\n".join(f"[{clock(each.start)}] {each.text}" for each in segments)


def timeline_lines(moments: Sequence[Moment], segments: Sequence[Segment]) -> str:
    """Return what is seen and heard on one clock, in order; what is seen stands before what is heard."""
    lines = [(each.time, 0, _seen(each)) for each in moments]
    lines += [(each.start, 1, f"heard: {each.text}") for each in segments]
    return "\n".join(f"[{clock(at)}] {line}" for at, _, line in sorted(lines))


def plain_transcript(segments: Sequence[Segment]) -> str:
    """Return what is said as running text, a paragraph wherever speech pauses for two seconds."""
    paragraphs: list[list[str]] = [[]]
    end = None
    for each in segments:
        if end is not None and each.start - end > PARAGRAPH_PAUSE_SECONDS:
            paragraphs.append([])
        paragraphs[-1].append(each.text)
        end = each.end
    return "\n\n".join(" ".join(each) for each in paragraphs if each)


def chapters_text(chapters: Sequence[Chapter]) -> str:
    """Return chapters, one a line with its time."""
    return "\n".join(f"[{clock(each.start)}] {each.title}: {each.text}".rstrip(": ") for each in chapters)


def written_in(moments: Sequence[Moment]) -> str:
    """Return everything that is written in a video, each line once, in order."""
    lines = (line.strip() for each in moments for line in each.visible_text.splitlines())
    return "\n".join(dict.fromkeys(filter(None, lines)))


def _description(reading: Description) -> str:
    lines = [f"Title: {reading.title}", reading.text]
    if reading.visible_text:
        lines.append(f"Written in it:\n{reading.visible_text}")
    if reading.answer:
        lines.append(f"Said about it when it was posted: {reading.answer}")
    return "\n".join(lines)


def summary_text(summary: Summary) -> str:
    """Return a summary with its lists, a line each."""
    lines = [f"Title: {summary.title}", summary.text]
    for name, points in (
        ("Key points", summary.key_points),
        ("Decisions", summary.decisions),
        ("To do", summary.todos),
        ("People", summary.people),
        ("Open questions", summary.open_questions),
    ):
        if points:
            lines.append(f"{name}: " + "; ".join(points))
    if summary.chapters:
        lines.append(f"Chapters:\n{chapters_text(summary.chapters)}")
    if summary.answer:
        lines.append(f"Said about it when it was posted: {summary.answer}")
    return "\n".join(line for line in lines if line)


def _seen(moment: Moment) -> str:
    written = " / ".join(line.strip() for line in moment.visible_text.splitlines() if line.strip())
    return f"seen: {moment.text}" + (f" Written: {written}" if written else "")


def _spoken(language: str) -> str:
    return f", language {language}" if language else ""
