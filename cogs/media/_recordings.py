"""What transcripts, timelines and summaries look like; pure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from services import rendering, transcript_files
from services.catalogue import Catalogue
from services.delivery import OutgoingFile
from services.domain import (
    Chapter,
    EarlierReading,
    Estimate,
    ItemOutcome,
    Note,
    Segment,
    StoredFile,
    Summary,
    Timeline,
    Transcript,
)
from services.readings import clock, written_in

from cogs._ui import ACCENT, ACCENT_WORKING, Section

SHOWN_IN_FULL = 6_000
"""Characters of a transcript that stands in the thread; a longer one begins there and is whole in its file."""
SHOWN_BEGINNING = 2_500
FILE_FROM = 1_500
"""Characters from which on a transcript is worth a file."""
SHOWN_WRITTEN_LINES = 12


def present_transcript(
    catalogue: Catalogue, item: ItemOutcome, reading: Transcript, number: int | None, links: set[str]
) -> list[Section]:
    """Build the sections of a recording: what it comes down to, then every word with its time."""
    facts = [clock(reading.seconds), *_language(catalogue, reading.language)]
    title = reading.summary.title if reading.summary else item.filename
    head = [_heading("🎙️", title, number, links), "-# " + " · ".join(facts)]
    head += _notes(catalogue, reading.notes)
    if not reading.segments:
        head.append(catalogue.text("nothing-said"))
        return [Section("\n".join(head), ACCENT, item.spoiler)]
    parts = ["\n".join(head)]
    if reading.summary is not None:
        parts += summary_parts(catalogue, reading.summary, links)
    length = sum(len(each.text) for each in reading.segments)
    files = transcript_attachments(item.filename, reading.segments) if length > FILE_FROM else ()
    parts += _transcript_parts(catalogue, reading.segments, length)
    return [Section("\n\n".join(parts), ACCENT, item.spoiler, files=files)]


def present_timeline(
    catalogue: Catalogue, item: ItemOutcome, reading: Timeline, number: int | None, links: set[str]
) -> list[Section]:
    """Build the sections of a video: what it comes down to, a contact sheet, the files of its transcript."""
    facts = [clock(reading.seconds), catalogue.text("frames-looked-at", count=len(reading.moments))]
    facts += _language(catalogue, reading.language)
    head = [_heading("🎬", reading.summary.title, number, links), "-# " + " · ".join(facts)]
    parts = ["\n".join([*head, *_notes(catalogue, reading.notes)])]
    parts += summary_parts(catalogue, reading.summary, links)
    lines = written_in(reading.moments).splitlines()
    if lines:
        shown = [rendering.render_literal(line) for line in lines[:SHOWN_WRITTEN_LINES]]
        if len(lines) > SHOWN_WRITTEN_LINES:
            shown.append("…")
        written = "\n".join(f"> {line}" for line in shown)
        parts.append(f"**{catalogue.text('heading-on-screen')}**\n{written}")
    pictures: tuple[StoredFile, ...] = item.files
    files = transcript_attachments(item.filename, reading.segments)
    return [Section("\n\n".join(parts), ACCENT, item.spoiler, pictures=pictures, files=files)]


def present_estimate(
    catalogue: Catalogue, item: ItemOutcome, estimate: Estimate, number: int | None
) -> Section:
    """Build what is said of a long file before anything is paid."""
    name = rendering.render_name(item.filename)
    minutes = max(round(estimate.work_seconds / 60), 1)
    values = {"length": clock(estimate.media_seconds), "minutes": minutes}
    if estimate.usd is None:
        sentence = catalogue.text("estimate-unpriced", **values)
    else:
        sentence = catalogue.text("estimate", **values, amount=f"{estimate.usd:.2f}")
    head = f"{number}. {name}" if number else name
    return Section(f"⏳ **{head}**\n{sentence}", ACCENT_WORKING, item.spoiler)


def present_earlier(
    catalogue: Catalogue, item: ItemOutcome, earlier: EarlierReading, number: int | None
) -> Section:
    """Build the link to where the same file was read before."""
    link = f"https://discord.com/channels/{earlier.guild_id}/{earlier.channel_id}/{earlier.message_id}"
    name = rendering.render_name(item.filename)
    head = f"{number}. {name}" if number else name
    return Section(f"📎 **{head}**\n{catalogue.text('read-before', link=link)}", ACCENT, item.spoiler)


def summary_parts(catalogue: Catalogue, summary: Summary, links: set[str]) -> list[str]:
    """Return the parts of a summary, those that are empty left out."""
    parts = [rendering.render(text, allowed_links=links) for text in (summary.answer, summary.text) if text]
    if summary.chapters:
        lines = "\n".join(_chapter(each, links) for each in summary.chapters)
        parts.append(f"**{catalogue.text('heading-chapters')}**\n{lines}")
    for heading, points in (
        ("heading-key-points", summary.key_points),
        ("heading-decisions", summary.decisions),
        ("heading-todos", summary.todos),
        ("heading-people", summary.people),
        ("heading-only-heard", summary.only_heard),
        ("heading-only-seen", summary.only_seen),
        ("heading-open-questions", summary.open_questions),
    ):
        if points:
            bullets = "\n".join(f"- {rendering.render_line(each, allowed_links=links)}" for each in points)
            parts.append(f"**{catalogue.text(heading)}**\n{bullets}")
    return parts


def transcript_attachments(filename: str, segments: Sequence[Segment]) -> tuple[OutgoingFile, ...]:
    """Return a transcript as text and as subtitles; nothing when nothing is said."""
    if not segments:
        return ()
    stem = transcript_files.file_stem(filename)
    texts = {
        ".txt": transcript_files.as_txt(segments),
        ".srt": transcript_files.as_srt(segments),
        ".vtt": transcript_files.as_vtt(segments),
    }
    return tuple(OutgoingFile(stem + suffix, text.encode(), "") for suffix, text in texts.items())


def _transcript_parts(catalogue: Catalogue, segments: Sequence[Segment], length: int) -> list[str]:
    heading = f"**{catalogue.text('heading-transcript')}**"
    shown: list[Segment] = list(segments)
    left_out = False
    if length > SHOWN_IN_FULL:
        shown, room = [], SHOWN_BEGINNING
        for each in segments:
            room -= len(each.text)
            if room < 0:
                break
            shown.append(each)
        left_out = True
    lines = "\n".join(f"`{clock(each.start)}` {rendering.render_line(each.text)}" for each in shown)
    parts = [f"{heading}\n{lines}"]
    if left_out:
        parts.append(f"-# {catalogue.text('transcript-goes-on')}")
    return parts


def _chapter(chapter: Chapter, links: set[str]) -> str:
    title = rendering.render_line(chapter.title, allowed_links=links)
    text = rendering.render_line(chapter.text, allowed_links=links)
    return f"`{clock(chapter.start)}` **{title}** {text}".rstrip()


def _heading(mark: str, title: str, number: int | None, links: set[str]) -> str:
    shown = rendering.render_line(title, allowed_links=links) or rendering.render_name(PurePath(title).name)
    return f"### {mark} {number}. {shown}" if number else f"### {mark} {shown}"


def _language(catalogue: Catalogue, tag: str) -> list[str]:
    name = catalogue.language_name(tag)
    return [name] if name else []


def _notes(catalogue: Catalogue, notes: Sequence[Note]) -> list[str]:
    return [f"-# ⚠️ {catalogue.text(each.code, **each.params)}" for each in notes]
