"""What an answer looks like while it is written and when it stands; pure."""

from __future__ import annotations

from services import rendering, splitting
from services.catalogue import Catalogue
from services.domain import AnswerOutcome, JobRequest

from cogs._ui import CARD_TEXT_LIMIT, Card, JobButton, Section, pack


def present_partial_answer(catalogue: Catalogue, request: JobRequest, text: str) -> Card:
    """Build the card of an answer that is still being written; its end is what matters."""
    shown = rendering.render(text, allowed_links=rendering.links_in(request.text))
    parts = splitting.split(shown, CARD_TEXT_LIMIT - 2)
    stop = JobButton("stop", catalogue.text("button-stop"))
    return Card((Section((parts[0] if parts else "") + " ▌", None),), (stop,))


def present_answer(catalogue: Catalogue, request: JobRequest, outcome: AnswerOutcome) -> list[Card]:
    """Build the cards of a finished answer."""
    text = rendering.render(outcome.text, allowed_links=rendering.links_in(request.text))
    delete = JobButton("delete", catalogue.text("button-delete"))
    return pack([Section(text, None)], [delete])
