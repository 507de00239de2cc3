"""Text without a model server: search and key sentences; quotes, and no word of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from services.ai.offline.lookup import Lookup
from services.ai.protocols import LabelledReading, Reply
from services.domain import Spend, Turn

MODEL = "local/bm25"


class OfflineText:
    """Implements `TextModel`."""

    async def answer(
        self,
        question: str,
        *,
        readings: Sequence[LabelledReading],
        turns: Sequence[Turn],
        language: str,
        person: str,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply[str]:
        """Quote what fits a question best, with its place; say plainly when nothing does."""
        del person  # Nothing leaves this machine.
        text = Lookup(language).answer(question, readings, turns)
        if on_text is not None:
            on_text(text)
        return Reply(text, Spend("text", MODEL, 0, 0, 0, 0.0))
