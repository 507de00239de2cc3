"""What rounds, strip and chart, and the questions of a refinement look like; pure."""

from __future__ import annotations

import re

from services import rendering, splitting
from services.catalogue import Catalogue
from services.domain import (
    RefineFiles,
    Refinement,
    RefineOutcome,
    RefineQuestion,
    RefineRound,
    RefineStop,
    RoundOutcome,
)

from cogs._ui import ACCENT, ACCENT_FAILED, ACCENT_WORKING, CARD_TEXT_LIMIT, Card, JobButton, Section

BAR_CELLS = 10
LINES_SHOWN = 4
LINE_SHOWN = 160
PROMPT_SHOWN = 500
BACK_BUTTONS = 8
ASPECTS = {
    "subject": "refine-aspect-subject",
    "layout": "refine-aspect-layout",
    "colour": "refine-aspect-colour",
    "light": "refine-aspect-light",
    "text": "refine-aspect-text",
    "style": "refine-aspect-style",
}
STOPS: dict[RefineStop, str] = {
    "target": "refine-stop-target",
    "no-gain": "refine-stop-no-gain",
    "rounds": "refine-stop-rounds",
    "money": "refine-stop-money",
    "person": "refine-stop-person",
    "back": "refine-stop-back",
    "failed": "refine-stop-failed",
    "blocked": "refine-stop-blocked",
}
MASK_NOTES = {
    "scaled": "refine-mask-scaled",
    "reshaped": "refine-mask-reshaped",
    "no-alpha": "refine-mask-no-alpha",
    "not-black-and-white": "refine-mask-greys",
}


def present_round(catalogue: Catalogue, outcome: RoundOutcome) -> Card:
    """Build the message of one round: candidate, scores, what is missing, what changed, money."""
    made = outcome.round
    parts = [f"### {catalogue.text('refine-round', number=made.number)} · {_scores(catalogue, made)}"]
    if made.disagrees:
        parts.append(f"⚠️ **{catalogue.text('refine-disagrees')}**")
    if made.comparison.summary:
        parts.append(rendering.render(made.comparison.summary))
    parts.append("\n".join(_aspects(catalogue, made)))
    parts += _listed(catalogue.text("refine-missing"), made.comparison.missing)
    parts += _listed(
        catalogue.text("refine-differences"), tuple(each.what for each in made.comparison.differences)
    )
    parts += _prompt_change(catalogue, made.prompt, outcome.previous_prompt)
    parts.append(f"-# {_spent(catalogue, outcome.refinement)} · {catalogue.text('made-by-models')}")
    spoiler = outcome.refinement.original.spoiler
    accent = ACCENT_FAILED if made.disagrees else ACCENT
    text = splitting.split("\n\n".join(parts), CARD_TEXT_LIMIT)[0]
    return Card((Section(text, accent, spoiler, pictures=(made.picture,)),))


def present_board(catalogue: Catalogue, outcome: RefineOutcome) -> Card:
    """Build where a refinement stands: strip, chart, why it stopped, and what can be done next."""
    state = outcome.refinement
    parts = [f"**{_heading(catalogue, outcome)}**"]
    if outcome.failure is not None:
        parts.append(catalogue.failure(outcome.failure))
    best = next((each for each in state.rounds if each.number == outcome.best), None)
    if best is not None:
        parts.append(
            catalogue.text(
                "refine-best-so-far",
                number=best.number,
                judged=round(best.judged),
                measured=round(best.measured),
            )
        )
    accent, spoiler = ACCENT_WORKING if outcome.stop is None else ACCENT, state.original.spoiler
    # A picture of its own each: side by side Discord would crop both.
    sections = (
        Section("\n".join(parts), accent, spoiler, pictures=state.board[:1]),
        Section(f"-# {_spent(catalogue, state)}", accent, spoiler, pictures=state.board[1:]),
    )
    return Card(sections, _board_buttons(catalogue, outcome))


def present_question(catalogue: Catalogue, outcome: RefineQuestion) -> Card:
    """Build what has to be decided before money is spent."""
    state, stretch = outcome.refinement, outcome.next_stretch
    cancel = JobButton("delete", catalogue.text("button-cancel"))
    amount = "?" if outcome.estimate_usd is None else f"{outcome.estimate_usd:.2f}"
    rounds = state.wish.rounds
    go = JobButton("rfgo", catalogue.text("button-go"), "primary", f"{stretch}")
    buttons: tuple[JobButton, ...] = (go, cancel)
    if outcome.kind == "frame":
        parts = [f"**{catalogue.text('refine-ask-frame')}**"]
        frames = range(1, outcome.choices + 1)
        buttons = tuple(JobButton("rfframe", str(each), arg=f"{stretch}-{each}") for each in frames)
        buttons = (*buttons, cancel)
    elif outcome.kind == "mask":
        parts = [f"**{catalogue.text('refine-ask-mask')}**"]
        parts += [catalogue.text(MASK_NOTES[each]) for each in outcome.notes if each in MASK_NOTES]
        parts.append(f"-# {catalogue.text('refine-estimate-note', rounds=rounds, amount=amount)}")
        buttons = (
            JobButton("rfgo", catalogue.text("button-use-mask"), "primary", f"{stretch}"),
            JobButton("rfmask", catalogue.text("button-other-words"), arg=f"{stretch}"),
            cancel,
        )
    else:
        parts = [f"**{catalogue.text('refine-ask-estimate', rounds=rounds, amount=amount)}**"]
    section = Section(
        "\n".join(parts), ACCENT, state.original.spoiler, pictures=outcome.pictures, files=outcome.files
    )
    return Card((section,), buttons)


def present_files(catalogue: Catalogue, outcome: RefineFiles) -> Card:
    """Build the picture that was taken, or all pictures as files."""
    state, spoiler = outcome.refinement, outcome.refinement.original.spoiler
    if outcome.taken is None:
        section = Section(catalogue.text("refine-originals"), ACCENT, spoiler, files=outcome.files)
        return Card((section,), (JobButton("delete", catalogue.text("button-delete")),))
    taken = next(each for each in state.rounds if each.number == outcome.taken)
    parts = [
        f"### {catalogue.text('refine-taken', number=outcome.taken)}",
        _scores(catalogue, taken),
        f"**{catalogue.text('refine-taken-prompt')}**\n{_shortened(taken.prompt)}",
        f"-# {_spent(catalogue, state)} · {catalogue.text('made-by-models')}",
    ]
    section = Section("\n\n".join(parts), ACCENT, spoiler, pictures=outcome.files)
    return Card((section,), (JobButton("rforiginals", catalogue.text("button-originals"), arg="0"),))


def _heading(catalogue: Catalogue, outcome: RefineOutcome) -> str:
    if outcome.stop is None:
        return catalogue.text("refine-going-on")
    person = f"<@{outcome.by_id}>" if outcome.by_id else ""
    return catalogue.text(STOPS[outcome.stop], person=person, number=outcome.best or 0)


def _board_buttons(catalogue: Catalogue, outcome: RefineOutcome) -> tuple[JobButton, ...]:
    state, stretch = outcome.refinement, outcome.next_stretch
    if outcome.stop is None:
        return (JobButton("stop", catalogue.text("button-stop"), "danger"),)
    originals = JobButton("rforiginals", catalogue.text("button-originals"), arg=f"{stretch}")
    if state.ended:
        return (originals,)
    buttons = [JobButton("rfmore", catalogue.text("button-continue"), "primary", f"{stretch}")]
    if outcome.stop == "blocked" and not state.softened:
        buttons.append(JobButton("rfsoften", catalogue.text("button-soften"), arg=f"{stretch}"))
    buttons.append(JobButton("rfcorrect", catalogue.text("button-correct"), arg=f"{stretch}"))
    if outcome.best is not None:
        buttons.append(
            JobButton("rftake", catalogue.text("button-take", number=outcome.best), arg=f"{stretch}")
        )
    buttons.append(JobButton("rfend", catalogue.text("button-end"), "danger", f"{stretch}"))
    if state.rounds:
        buttons.append(originals)
    newest = state.rounds[-1].number if state.rounds else 0
    earlier = [each.number for each in state.rounds if each.number < newest and not each.dropped]
    buttons += [
        JobButton("rfback", catalogue.text("button-back-to", number=each), arg=f"{stretch}-{each}")
        for each in earlier[-BACK_BUTTONS:]
    ]
    return tuple(buttons)


def _scores(catalogue: Catalogue, made: RefineRound) -> str:
    return catalogue.text("refine-scores", judged=round(made.judged), measured=round(made.measured))


def _aspects(catalogue: Catalogue, made: RefineRound) -> list[str]:
    lines: list[str] = []
    for name, key in ASPECTS.items():
        if (score := made.comparison.scores.get(name)) is not None:
            filled = round(BAR_CELLS * score / 100)
            lines.append(f"`{'▰' * filled}{'▱' * (BAR_CELLS - filled)}` {round(score)} {catalogue.text(key)}")
    return lines


def _listed(heading: str, lines: tuple[str, ...]) -> list[str]:
    if not lines:
        return []
    cut = [each if len(each) <= LINE_SHOWN else f"{each[: LINE_SHOWN - 1]}…" for each in lines[:LINES_SHOWN]]
    shown = "\n".join(f"- {rendering.render_line(each)}" for each in cut)
    return [f"**{heading}**\n{shown}"]


def _prompt_change(catalogue: Catalogue, prompt: str, previous: str) -> list[str]:
    """Say what is new in the prompt and what is gone, sentence by sentence; the first is shown whole."""
    if not previous:
        return [f"**{catalogue.text('refine-prompt')}**\n{_shortened(prompt)}"]
    now, before = _sentences(prompt), _sentences(previous)
    added = " ".join(each for each in now if each not in before)
    removed = " ".join(each for each in before if each not in now)
    if not added and not removed:
        return [f"-# {catalogue.text('refine-prompt-same')}"]
    parts = [(catalogue.text("refine-prompt-added"), added), (catalogue.text("refine-prompt-removed"), removed)]
    return [f"**{heading}**\n{_shortened(text)}" for heading, text in parts if text]


def _sentences(text: str) -> list[str]:
    return [each.strip() for each in re.split(r"(?<=[.!?])\s+|\n+", text) if each.strip()]


def _shortened(text: str) -> str:
    shown = text if len(text) <= PROMPT_SHOWN else f"{text[: PROMPT_SHOWN - 1]}…"
    return "\n".join(f"> {line}" for line in rendering.render_literal(shown).splitlines())


def _spent(catalogue: Catalogue, state: Refinement) -> str:
    if state.usd is None:
        return catalogue.text("refine-spent-unknown")
    return catalogue.text("refine-spent", amount=f"{state.usd:.4f}")
