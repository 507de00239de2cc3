"""What an album's outcome and progress look like; pure."""

from __future__ import annotations

from dataclasses import replace

from services import rendering, splitting
from services.catalogue import Catalogue
from services.domain import (
    AlbumOutcome,
    Description,
    ItemOutcome,
    ItemProgress,
    ItemState,
    JobRequest,
    Progress,
    SummaryOutcome,
    Timeline,
    Transcript,
)

from cogs._answers import answer_sections
from cogs._ui import ACCENT, ACCENT_FAILED, ACCENT_WORKING, Card, JobButton, Section, pack
from cogs.media._recordings import (
    present_earlier,
    present_estimate,
    present_timeline,
    present_transcript,
    summary_parts,
)

BAR_CELLS = 12
THREAD_NAME_LIMIT = 80
_STATE_MARKS = {
    ItemState.WAITING: "▫️",
    ItemState.WORKING: "👀",
    ItemState.DONE: "✅",
    ItemState.FAILED: "⚠️",
}


def present_progress(catalogue: Catalogue, progress: Progress, *, missed: bool = False) -> Card:
    """Build the progress card: phase, bar, one line a file, money, Stop.

    Args:
        missed: It was asked for while the bot was away.
    """
    phase = "waiting" if progress.begins else progress.phase
    lines = [f"**{catalogue.text('phase-' + phase, begins=str(progress.begins))}**"]
    if progress.total > 1:
        lines.append(f"{bar(progress.done, progress.total)} {progress.done}/{progress.total}")
        lines += [_item_line(catalogue, item) for item in progress.items]
    if progress.spent_usd:
        lines.append(f"-# {catalogue.text('spent', amount=f'{progress.spent_usd:.4f}')}")
    if missed:
        lines.append(f"-# {catalogue.text('while-away')}")
    stop = JobButton("stop", catalogue.text("button-stop"))
    return Card((Section("\n".join(lines), ACCENT_WORKING),), (stop,))


def present_album(
    catalogue: Catalogue, outcome: AlbumOutcome, *, refines: bool = False, missed: bool = False
) -> list[Card]:
    """Build the cards of a finished album: the answer first, then each item in order.

    Args:
        refines: Offer to refine each described picture.
        missed: It was posted while the bot was away.
    """
    links = rendering.links_in(outcome.question)
    spoiler = any(item.spoiler for item in outcome.items)
    many = len(outcome.items) > 1
    sections = [Section(f"-# {catalogue.text('while-away')}", None)] if missed else []
    if many:
        sections.append(Section(_summary(catalogue, outcome), None))
    if outcome.answer is not None:
        answer = replace(outcome.answer, spoiler=outcome.answer.spoiler or spoiler)
        sections += answer_sections(catalogue, answer, links, accent=ACCENT)
    if outcome.answer_failure is not None:
        sections.append(Section(catalogue.failure(outcome.answer_failure), ACCENT_FAILED))
    for number, item in zip(_numbers(outcome), outcome.items, strict=True):
        sections += _item_sections(catalogue, item, number, links)
    if any(item.reading is not None for item in outcome.items):
        sections.append(Section(f"-# {catalogue.text('made-by-models')}", None))
    buttons = [JobButton("delete", catalogue.text("button-delete"))]
    if any(item.reading is not None for item in outcome.items):
        buttons.insert(0, JobButton("text", catalogue.text("button-text")))
    if long := [str(at) for at, item in enumerate(outcome.items) if item.estimate is not None]:
        buttons = [
            JobButton("go", catalogue.text("button-go"), "primary", "-".join(long)),
            JobButton("delete", catalogue.text("button-cancel")),
        ]
    if any(item.failure is not None and item.failure.retryable for item in outcome.items):
        buttons.insert(0, JobButton("retry", catalogue.text("button-retry"), "primary"))
    if refines:
        buttons = [*_refine_buttons(catalogue, outcome), *buttons]
    return pack(sections, buttons)


def _refine_buttons(catalogue: Catalogue, outcome: AlbumOutcome) -> list[JobButton]:
    """One button a described picture; with several each says which."""
    numbers = _numbers(outcome)
    labels = {
        str(index): catalogue.text("button-refine-number", number=number)
        if (number := numbers[index])
        else catalogue.text("button-refine")
        for index, item in enumerate(outcome.items)
        if isinstance(item.reading, Description)
    }
    wanted = outcome.answer.refine if outcome.answer else ""
    if wanted and not any(_attachment_id(item) == wanted for item in outcome.items):
        labels[wanted] = catalogue.text("button-refine")
    return [JobButton("refine", label, arg=arg) for arg, label in labels.items()]


def _attachment_id(item: ItemOutcome) -> str:
    return str(item.item.source.attachment_id) if item.item else ""


def _numbers(outcome: AlbumOutcome) -> list[int | None]:
    """Return the number that each item is shown with: by which the answer names it, else its place."""
    if outcome.numbers:
        return [number or None for number in outcome.numbers]
    return [number if len(outcome.items) > 1 else None for number in range(1, len(outcome.items) + 1)]


def present_summary(catalogue: Catalogue, request: JobRequest, outcome: SummaryOutcome) -> list[Card]:
    """Build the cards of a thread's summary."""
    links = rendering.links_in(request.text)
    title = rendering.render_line(outcome.summary.title, allowed_links=links)
    parts = [f"### 🧵 {title}", *summary_parts(catalogue, outcome.summary, links)]
    sections = [Section("\n\n".join(parts)), Section(f"-# {catalogue.text('made-by-models')}", None)]
    return pack(sections, [JobButton("delete", catalogue.text("button-delete"))])


def thread_name(catalogue: Catalogue, request: JobRequest) -> str:
    """Name the thread once and for all: the question, the file, or how many files there are."""
    if len(request.attachments) > 1:
        fallback = catalogue.text("thread-album", count=len(request.attachments))
    elif request.attachments:
        fallback = request.attachments[0].filename
    else:
        fallback = catalogue.text("thread-conversation")
    name = rendering.render_line(request.text) or rendering.render_line(fallback)
    shortened = splitting.split(name, THREAD_NAME_LIMIT)
    return shortened[0] if shortened else catalogue.text("thread-conversation")


def bar(done: int, total: int) -> str:
    """Draw n of m as a bar."""
    filled = BAR_CELLS * done // max(total, 1)
    return "▰" * filled + "▱" * (BAR_CELLS - filled)


def _item_line(catalogue: Catalogue, item: ItemProgress) -> str:
    mark = _STATE_MARKS[item.state]
    line = f"{mark} {rendering.render_name(item.filename)}"
    return f"{line}: {catalogue.failure(item.failure)}" if item.failure else line


def _summary(catalogue: Catalogue, outcome: AlbumOutcome) -> str:
    """One line of status for each attachment."""
    lines: list[str] = []
    for number, item in zip(_numbers(outcome), outcome.items, strict=True):
        mark = _STATE_MARKS[ItemState.FAILED if item.failure else ItemState.DONE]
        mark = "⏳" if item.estimate else mark
        name = rendering.render_name(item.filename)
        lines.append(f"{mark} {number}. {name}" if number else f"{mark} {name}")
    return "\n".join(lines)


def _item_sections(
    catalogue: Catalogue, item: ItemOutcome, number: int | None, links: set[str]
) -> list[Section]:
    if item.estimate is not None:
        return [present_estimate(catalogue, item, item.estimate, number)]
    if item.earlier is not None:
        return [present_earlier(catalogue, item, item.earlier, number)]
    match item.reading:
        case Description() as reading:
            return [Section(_description(catalogue, reading, number, links), ACCENT, item.spoiler)]
        case Transcript() as reading:
            return present_transcript(catalogue, item, reading, number, links)
        case Timeline() as reading:
            return present_timeline(catalogue, item, reading, number, links)
        case None:
            name = rendering.render_name(item.filename)
            head = f"{number}. {name}" if number else name
            sentence = catalogue.failure(item.failure) if item.failure else ""
            return [Section(f"⚠️ **{head}**\n{sentence}", ACCENT_FAILED, item.spoiler)]


def _description(catalogue: Catalogue, reading: Description, number: int | None, links: set[str]) -> str:
    title = rendering.render_line(reading.title, allowed_links=links)
    parts = [f"### {number}. {title}" if number else f"### {title}"]
    if reading.answer:
        parts.append(rendering.render(reading.answer, allowed_links=links))
    parts.append(rendering.render(reading.text, allowed_links=links))
    if reading.visible_text:
        parts.append(f"**{catalogue.text('heading-visible-text')}**\n{quoted(reading.visible_text)}")
    if reading.alt_text:
        parts.append(f"**{catalogue.text('heading-alt-text')}**\n{quoted(reading.alt_text)}")
    return "\n\n".join(parts)


def quoted(text: str) -> str:
    """Show text as it is written, as a block quote."""
    return "\n".join(f"> {line}" for line in rendering.render_literal(text).splitlines())
