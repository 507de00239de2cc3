"""Rounds of refinements, made up for tests."""

from __future__ import annotations

from services.domain import Attachment, Comparison, MessageSource, RefineRound, StoredFile

ORIGINAL = Attachment(MessageSource(1, 2, 3), "scene.png", 100)


def comparison(judged: float, *, prompt: str = "better", missing: tuple[str, ...] = ()) -> Comparison:
    """Return a verdict with the same score for all aspects."""
    names = ("subject", "layout", "colour", "light", "text", "style")
    return Comparison(dict.fromkeys(names, judged), "Close.", missing, (), prompt, "A scene")


def made(
    number: int,
    judged: float,
    measured: float,
    *,
    prompt: str = "",
    better: str = "",
    flagged: bool = False,
    dropped: bool = False,
) -> RefineRound:
    """Return a round."""
    return RefineRound(
        number=number,
        prompt=prompt or f"prompt {number}",
        picture=StoredFile(f"round-{number}.png", "0" * 64, "A scene"),
        comparison=comparison(judged, prompt=better or f"better than {number}"),
        measured=measured,
        usd=0.01,
        disagrees=flagged,
        dropped=dropped,
    )
