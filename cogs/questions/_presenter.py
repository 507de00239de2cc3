"""What an answer looks like while it is written and when it stands; pure."""

from __future__ import annotations

from services import rendering, splitting
from services.catalogue import Catalogue
from services.domain import AnswerOutcome, JobRequest, Note

from cogs._ui import ACCENT, CARD_TEXT_LIMIT, Card, JobButton, Section, pack


def present_partial_answer(catalogue: Catalogue, request: JobRequest, text: str) -> Card:
    """Build the card of an answer that is still being written; its end is what matters."""
    shown = rendering.render(text, allowed_links=rendering.links_in(request.text))
    parts = splitting.split(shown, CARD_TEXT_LIMIT - 2)
    stop = JobButton("stop", catalogue.text("button-stop"))
    return Card((Section((parts[0] if parts else "") + " ▌", None),), (stop,))


def present_answer(catalogue: Catalogue, request: JobRequest, outcome: AnswerOutcome) -> list[Card]:
    """Build the cards of an answer, what was looked at for it, and what to know about it."""
    text = rendering.render(outcome.text, allowed_links=rendering.links_in(request.text))
    sections = [Section(text, None, outcome.spoiler)]
    if outcome.evidence:
        labels = "\n".join(f"-# 🔎 {rendering.render_line(each.label)}" for each in outcome.evidence)
        pictures = tuple(each.file for each in outcome.evidence)
        sections.append(Section(labels, ACCENT, outcome.spoiler, pictures))
    notes = (*outcome.notes, Note("while-away")) if request.missed else outcome.notes
    if notes:
        sections.append(Section("\n".join(f"-# {_note(catalogue, each)}" for each in notes), None))
    buttons = [
        JobButton("retry", catalogue.text("button-regenerate")),
        JobButton("text", catalogue.text("button-text")),
        JobButton("delete", catalogue.text("button-delete")),
    ]
    if outcome.refine:
        buttons.insert(0, JobButton("refine", catalogue.text("button-refine"), "primary", outcome.refine))
    return pack(sections, buttons)


def _note(catalogue: Catalogue, note: Note) -> str:
    """Return a remark as people read it; what people wrote themselves is shown as written."""
    written = {key: rendering.render_line(value) for key, value in note.params.items() if key != "person"}
    return catalogue.text(note.code, **(note.params | written))
