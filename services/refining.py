"""How a refinement decides: which round is the best, when to stop, and what to ask for next; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.domain import Comparison, Description, Refinement, RefineRound, RefineStop, RefineWish
from services.settings import RefineSettings

TIE = 3.0
"""Judged points within which the measured similarity decides: a judge's scores are no finer."""
FAR_OFF = 15.0
"""Measured similarity below which two pictures show different things."""
PRAISE = 70.0
"""A verdict from which on a picture that is far off counts as praised."""

_PRESETS = {
    "match": "",
    "detail": "Same picture, with finer detail, cleaner edges and better light. Nothing else changes.",
    "restyle": "Same subjects in the same places, in another style.",
    "own": "",
}


def best_round(rounds: Sequence[RefineRound]) -> RefineRound | None:
    """Return the best round: the judge's favourite; among near-equals the one that measures closest.

    A round whose praise the measurement contradicts is passed over while there is another one.
    """
    standing = [each for each in rounds if not each.dropped]
    trusted = [each for each in standing if not each.disagrees] or standing
    if not trusted:
        return None
    top = max(each.judged for each in trusted)
    close = [each for each in trusted if each.judged >= top - TIE]
    return max(close, key=lambda each: (each.measured, each.judged))


def disagrees(
    comparison: Comparison, measured: float, earlier: Sequence[RefineRound], *, matching: bool, drop: float
) -> bool:
    """Tell whether the judge praises a picture that the measurement finds worse.

    Args:
        matching: The candidate is to look like the original. With a goal it is to differ.
        drop: Measured points lost against the best round from which on praise is suspicious.
    """
    if not matching:
        return False
    if measured < FAR_OFF and comparison.overall >= PRAISE:
        return True
    best = best_round(earlier)
    return best is not None and comparison.overall > best.judged and measured < best.measured - drop


def is_close_call(comparison: Comparison, earlier: Sequence[RefineRound], close_gain: float) -> bool:
    """Tell whether a verdict has to be confirmed with the pictures swapped."""
    best = best_round(earlier)
    return best is not None and abs(comparison.overall - best.judged) < close_gain


def averaged(first: Comparison, second: Comparison) -> Comparison:
    """Return one verdict out of two on the same pictures; the words are the first one's."""
    scores = {name: (value + second.scores.get(name, value)) / 2 for name, value in first.scores.items()}
    return replace(first, scores=scores)


def stop_reason(
    rounds: Sequence[RefineRound], *, asked: int, made: int, settings: RefineSettings
) -> RefineStop | None:
    """Return why no further round should follow; None to go on.

    Args:
        rounds: Of the whole refinement.
        asked: How many rounds this stretch may have.
        made: How many it has had.
    """
    best = best_round(rounds)
    if best is not None and made and _is_there(best, settings):
        return "target"
    if made >= asked or len(rounds) >= settings.max_rounds:
        return "rounds"
    recent = rounds[len(rounds) - made :]
    if made > settings.patience and not _gained(rounds, recent, settings):
        return "no-gain"
    return None


def first_prompt(reading: Description | None, wish: RefineWish) -> str:
    """Return the prompt before anything was compared."""
    parts: list[str] = []
    if wish.start == "text" and reading is not None:
        parts.append(reading.text)
        if reading.visible_text and reading.visible_text not in reading.text:
            parts.append(f'The writing says "{" ".join(reading.visible_text.split())}".')
    return "\n".join([*parts, *_wanted(wish)]) or "The same picture again."


def next_prompt(refinement: Refinement) -> str:
    """Return the prompt of the next round.

    It grows out of the best prompt as the judge rewrote it; where that was tried already, out of the
    newest one. Corrections come first and count most, the newest before the older ones.
    """
    best = best_round(refinement.rounds)
    if refinement.softened:
        base = refinement.softened
    elif best is None:
        base = first_prompt(refinement.reading, refinement.wish)
    else:
        tried = [each.prompt for each in refinement.rounds]
        newest = refinement.rounds[-1]
        options = [best.comparison.prompt, *([] if newest.dropped else [newest.comparison.prompt])]
        fresh = (each for each in options if each and not any(each in prompt for prompt in tried))
        base = next(fresh, options[0])
        base = "\n".join([base or _core(best.prompt), *_wanted(refinement.wish)])
    return with_corrections(base, refinement.corrections)


_CORRECTIONS = "Above all, and before anything that follows:"


def with_corrections(prompt: str, corrections: Sequence[str]) -> str:
    """Put what the person said before everything else."""
    if not corrections:
        return prompt
    said = "\n".join(f"- {each}" for each in corrections)
    return f"{_CORRECTIONS}\n{said}\n\n{prompt}"


def _core(prompt: str) -> str:
    """Return a prompt without the corrections before it."""
    return prompt.partition("\n\n")[2] if prompt.startswith(_CORRECTIONS) else prompt


def _wanted(wish: RefineWish) -> list[str]:
    parts = [wish.goal, _PRESETS[wish.preset]]
    if wish.keep:
        parts.append(f"Keep exactly as it is: {wish.keep}")
    if wish.reference is not None:
        parts.append("The last picture given is only there to go by for style and mood.")
    return [each for each in parts if each]


def _is_there(round_: RefineRound, settings: RefineSettings) -> bool:
    """Tell whether a round is as close as it needs to be: on the whole, and in every aspect."""
    lowest = min(round_.comparison.scores.values(), default=0.0)
    return round_.judged >= settings.target and lowest >= settings.least_aspect and not round_.disagrees


def _gained(rounds: Sequence[RefineRound], recent: Sequence[RefineRound], settings: RefineSettings) -> bool:
    """Tell whether one of the last rounds was better than everything before them."""
    last = recent[-settings.patience :]
    before = best_round(rounds[: len(rounds) - len(last)])
    if before is None:
        return True
    return any(not each.disagrees and each.judged >= before.judged + settings.least_gain for each in last)
