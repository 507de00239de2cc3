"""What an answer looks like while it is written and when it stands; pure."""

from __future__ import annotations

from dataclasses import replace

from services import rendering, splitting
from services.catalogue import Catalogue
from services.domain import AnswerOutcome, JobRequest, Note

from cogs._answers import answer_sections
from cogs._ui import CARD_TEXT_LIMIT, Card, JobButton, Section, pack


def present_partial_answer(catalogue: Catalogue, request: JobRequest, text: str) -> Card:
    """Build the card of an answer that is still being written; its end is what matters."""
    # It is laid out anew at every edit: no more of it than can be in the part that is shown.
    shown = rendering.render(text[: 2 * CARD_TEXT_LIMIT], allowed_links=rendering.links_in(request.text))
    parts = splitting.split(shown, CARD_TEXT_LIMIT - 2)
    stop = JobButton("stop", catalogue.text("button-stop"))
    return Card((Section((parts[0] if parts else "") + " ▌", None),), (stop,))


def present_answer(catalogue: Catalogue, request: JobRequest, outcome: AnswerOutcome) -> list[Card]:
    """Build the cards of an answer, what was looked at for it, and what to know about it."""
    if request.missed:
        outcome = replace(outcome, notes=(*outcome.notes, Note("while-away")))
    sections = answer_sections(catalogue, outcome, rendering.links_in(request.text))
    buttons = [
        JobButton("retry", catalogue.text("button-regenerate")),
        JobButton("text", catalogue.text("button-text")),
        JobButton("delete", catalogue.text("button-delete")),
    ]
    if outcome.refine:
        buttons.insert(0, JobButton("refine", catalogue.text("button-refine"), "primary", outcome.refine))
    return pack(sections, buttons)
