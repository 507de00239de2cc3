"""Answers made of what was sent: structured ones that fit the schema, and plain ones that quote."""

from __future__ import annotations

import json
import re
from collections.abc import Set
from typing import Any

from playground.models import questions, summing_up
from playground.models.boxes import outlined
from playground.models.calls import ModelCall
from playground.models.judging import comparison
from playground.models.languages import language_of
from playground.models.material import clock, sentences_in, telling
from playground.models.scenes import describe
from playground.models.schema_filling import Facts, field_names, fill
from playground.models.sight import Sight
from playground.models.sound import Sound
from playground.models.words import words_of

SIGNATURE = "The scripted model server"
COMPARING = frozenset({"scores", "differences", "rewritten_prompt", "subject", "layout"})
"""A call with two pictures and such a field asks for a comparison."""
OUTLINING = frozenset({"shapes", "boxes", "regions", "polygons", "objects", "masks", "polygon"})
"""A call with such a field asks where something is."""
POOR = 0.35
"""The detail of a poor describer."""
MOST_QUOTED = 3000
"""Most characters of a plain answer's quotations."""
_SUMMARY = re.compile(r"\bsumm|\brecap|\btl;?dr|\bsum\b", re.IGNORECASE)


def answer(call: ModelCall, schema: dict[str, Any] | None) -> str:
    """Return what a language model says to a call: JSON when there is a schema."""
    if schema is None:
        return _plain(call)
    return json.dumps(fill(schema, facts_of(call, field_names(schema))), ensure_ascii=False)


def facts_of(call: ModelCall, fields: Set[str]) -> Facts:
    """Return what the prompt's pictures and recordings show, ready for a schema with such fields."""
    question = questions.question_in(call.said)
    if len(call.sights) == 2 and fields & COMPARING:
        return comparison(call)
    facts = _facts(call.sights, call.sounds, question, read=_quoted(call, question))
    facts.items = [_facts([each], [], question, number=number) for number, each in enumerate(call.sights, 1)]
    facts.items += [_facts([], [each], question) for each in call.sounds]
    sentences = sentences_in(questions.blocks_in(call.said))
    facts.entries = summing_up.lists_of(sentences)
    if call.sights or call.sounds:
        timed = [each for each in facts.items if "time_seconds" in each.numbers]
        facts.entries = {**facts.entries, "chapters": facts.entries["chapters"] or timed}
        quoted = " ".join(each.text for each in telling(sentences))
        facts.text = f"{facts.text} {quoted}".strip()
        facts.texts = {**facts.texts, "summary": facts.text}
    else:
        facts.texts = {**facts.texts, **summing_up.texts_of(sentences)}
    if fields & OUTLINING and call.sights:
        found = outlined(call.sights[0], question or call.text)
        facts.entries = {**facts.entries, **dict.fromkeys(OUTLINING - {"polygon"}, found)}
        if found:
            facts.entries = {**facts.entries, **found[0].entries}
            facts.number_lists = found[0].number_lists
    if len(call.sights) == 1 and (scene := call.sights[0].scene) is not None:
        told = describe(scene, detail=POOR if call.abilities.poor_describer else 1)
        facts.text = told
        facts.texts = {**facts.texts, "text": told, "rewritten_prompt": told, "alt_text": told}
    return facts


def _facts(
    sights: list[Sight], sounds: list[Sound], question: str, *, read: str = "nothing", number: int = 0
) -> Facts:
    first = sights[0] if sights else None
    time = first.time if first else None
    seen = "; ".join(map(str, [*sights, *sounds])) or read
    markers = list(dict.fromkeys(f"MARKER {each.marker}" for each in sights if each.marker is not None))
    written = "\n".join(dict.fromkeys(line for each in sights for line in each.written))
    title = f"{sights[0].colours[0].capitalize()} picture" if sights else "Recording" if sounds else "Nothing"
    text = f"{SIGNATURE} saw {_count(len(sights), 'picture')}: {seen}."
    colours = list(dict.fromkeys(colour for each in sights for colour in each.colours))
    return Facts(
        text=text,
        texts={
            "title": title,
            "name": title,
            "visible_text": written,
            "alt_text": f"A picture: {seen}",
            "answer": f'Asked "{question}": {seen}.' if question else "",
            "question": question,
            "transcript": " ".join(each.speech or each.digits for each in sounds),
            "language": language_of(written) or "en",
            "caption": first.caption if first else "",
            **({} if time is None else {"time_seconds": clock(time)}),
        },
        numbers={
            **({} if time is None else {"time_seconds": time, "seconds": time}),
            "number": number,
            "width": first.width if first else 0,
            "height": first.height if first else 0,
            "marker": first.marker or 0 if first else 0,
            "count": len(sights),
            **({"seconds": sum(each.seconds for each in sounds)} if sounds else {}),
        },
        lists={"colours": colours, "markers": markers},
    )


def _plain(call: ModelCall) -> str:
    question = questions.question_in(call.said)
    blocks = questions.blocks_in(call.said)
    had = [f"read {_count(len(blocks), 'block')}"]
    if call.sights:
        had.append(f"saw {_count(len(call.sights), 'picture')}")
    if call.sounds:
        had.append(f"heard {_count(len(call.sounds), 'recording')}")
    return f'{SIGNATURE} {" and ".join(had)}. Asked "{question}", it found: {_quoted(call, question)}'


def _quoted(call: ModelCall, question: str) -> str:
    """Return the facts that share words with the question; where none does, the first ones."""
    material = [*call.tool_results, *questions.blocks_in(call.said), *questions.earlier(call.said)]
    facts = [line.strip() for each in material for line in each.splitlines() if line.strip()]
    facts += [_introduced(number, each) for number, each in enumerate(call.sights, 1)]
    facts += [f"recording {number}: {each}" for number, each in enumerate(call.sounds, 1)]
    wanted = words_of(question)
    fitting = [fact for fact in facts if wanted & words_of(fact)]
    if not fitting or _SUMMARY.search(question):
        quoted = [each.text for each in telling(sentences_in(questions.blocks_in(call.said)))]
        fitting = quoted if _SUMMARY.search(question) and quoted else facts[:2]
    return _bounded(" / ".join(dict.fromkeys(fitting))) or "nothing"


def _introduced(number: int, sight: Sight) -> str:
    caption = f" ({sight.caption})" if sight.time is not None else ""
    told = f"; it shows: {describe(sight.scene)}" if sight.scene is not None else ""
    return f"picture {number}{caption}: {sight}{told}"


def _bounded(text: str) -> str:
    return text if len(text) <= MOST_QUOTED else f"{text[:MOST_QUOTED].rsplit(' ', 1)[0]} ..."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
