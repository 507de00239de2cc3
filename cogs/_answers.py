"""What an answer shows beside its text, wherever it stands; pure."""

from __future__ import annotations

from collections.abc import Collection

from services import rendering
from services.catalogue import Catalogue
from services.domain import AnswerOutcome, Note

from cogs._ui import ACCENT, Section


def answer_sections(
    catalogue: Catalogue, outcome: AnswerOutcome, links: Collection[str], *, accent: int | None = None
) -> list[Section]:
    """Build the sections of an answer, what was looked at for it, and what to know about it.

    Args:
        links: Those that stay live.
        accent: Of the text's edge; None leaves out its frame.
    """
    sections = [Section(rendering.render(outcome.text, allowed_links=links), accent, outcome.spoiler)]
    if outcome.evidence:
        labels = "\n".join(f"-# 🔎 {rendering.render_line(each.label)}" for each in outcome.evidence)
        pictures = tuple(each.file for each in outcome.evidence)
        sections.append(Section(labels, ACCENT, outcome.spoiler, pictures))
    if outcome.notes:
        sections.append(Section("\n".join(f"-# {_note(catalogue, each)}" for each in outcome.notes), None))
    return sections


def _note(catalogue: Catalogue, note: Note) -> str:
    """Return a remark as people read it; what people wrote themselves is shown as written."""
    written = {key: rendering.render_line(value) for key, value in note.params.items() if key != "person"}
    return catalogue.text(note.code, **(note.params | written))
