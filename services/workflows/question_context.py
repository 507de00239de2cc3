"""What a question is answered from, by priority, within the limit of the context; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.ai.offline.lookup import Lookup, passages_of
from services.ai.offline.passages import Passage, search, sentences
from services.ai.protocols import Context, LabelledReading
from services.domain import Description, MediaItem, Reading, Turn
from services.readings import as_text, clock
from services.store.conversations import Conversation

TURNS_SHARE = 0.25
"""Of the context, for what was said last; more where the readings are short."""
COMPACT_SHARE = 0.8
"""Turns that take up more of their room than this are summed up, all but the newest half of it."""
EXCERPT_PASSAGES = 40


def numbered(conversation: Conversation, attachment_ids: Sequence[int]) -> dict[int, tuple[MediaItem, Reading]]:
    """Return items by the numbers under which the model knows them; what was erased since is left out."""
    known = {item.source.attachment_id: (item, reading) for item, reading in conversation.items}
    return {number: known[each] for number, each in enumerate(attachment_ids, 1) if each in known}


def labelled(conversation: Conversation, attachment_ids: Sequence[int]) -> list[LabelledReading]:
    """Return the readings of a conversation under their numbers."""
    return [
        LabelledReading(f"{number}. {item.filename}", reading, conversation.corrections_of(item))
        for number, (item, reading) in numbered(conversation, attachment_ids).items()
    ]


def recent_turns(conversation: Conversation, *, without: int | None, before: int | None) -> list[Turn]:
    """Return the turns that no summary holds.

    Args:
        without: A message that is left out: the question itself.
        before: Only what was said before this message; None for all.
    """
    return [
        turn
        for turn in conversation.turns
        if turn.text
        and turn.message_id != without
        and turn.message_id > conversation.summed_up_to
        and (before is None or turn.message_id < before)
    ]


def to_sum_up(turns: Sequence[Turn], readings: Sequence[LabelledReading], limit: int) -> list[Turn]:
    """Return the oldest turns that should be summed up; none while they fit beside the readings.

    Args:
        limit: Characters of a whole context.
    """
    left = COMPACT_SHARE * _room_for_turns(limit, _lengths(readings))
    if sum(len(turn.text) for turn in turns) <= left:
        return []
    newest = 0
    for turn in reversed(turns):
        left -= 2 * len(turn.text)
        if left < 0:
            break
        newest += 1
    return list(turns[: len(turns) - newest])


def build_context(
    question: str,
    *,
    readings: Sequence[LabelledReading],
    turns: Sequence[Turn],
    summary: str,
    about: Sequence[str],
    limit: int,
    language: str,
) -> Context:
    """Choose what goes with a question: what was said last, then readings that fit it, then the rest.

    Args:
        about: Labels of the readings that the question points to.
        limit: Characters of all of it.
    """
    left = limit - len(question) - len(summary)
    kept: list[Turn] = []
    left_for_turns = _room_for_turns(left, _lengths(readings))
    for turn in reversed(turns):
        left_for_turns -= len(turn.text)
        if left_for_turns < 0:
            break
        kept.insert(0, turn)
    left -= sum(len(turn.text) for turn in kept)
    return Context(question, _fitting(question, readings, about, left, language), kept, summary, about)


def _lengths(readings: Sequence[LabelledReading]) -> list[int]:
    return [len(as_text(each.reading, each.corrections)) for each in readings]


def _room_for_turns(limit: int, lengths: Sequence[int]) -> float:
    """Return how many characters of turns fit: a share of their own, or all that the readings leave."""
    return max(limit * TURNS_SHARE, limit - sum(lengths))


def _fitting(
    question: str, readings: Sequence[LabelledReading], about: Sequence[str], left: int, language: str
) -> list[LabelledReading]:
    """Return readings that fit into so many characters; those that bear on the question come first."""
    lengths = _lengths(readings)
    if sum(lengths) <= left:
        return list(readings)
    lookup = Lookup(language)
    found = search(question, passages_of(readings), lookup.vocabulary, limit=len(readings) * EXCERPT_PASSAGES)
    rank = {
        label: place for place, label in enumerate(dict.fromkeys([*about, *(each.source for each in found)]))
    }
    order = sorted(range(len(readings)), key=lambda at: (rank.get(readings[at].label, len(rank)), -at))
    kept: dict[int, LabelledReading] = {}
    for at in order:
        each = readings[at]
        if lengths[at] > left:
            each = _excerpt(each, [part for part in found if part.source == each.label], max(left, 0))
        left -= len(as_text(each.reading, each.corrections))
        kept[at] = each
    return [kept[at] for at in sorted(kept)]


def _excerpt(labelled_reading: LabelledReading, passages: Sequence[Passage], left: int) -> LabelledReading:
    """Return the parts of a reading that fit the question; the search finds the rest."""
    lines: list[str] = []
    chosen = passages or [Passage(each, "") for each in sentences(as_text(labelled_reading.reading))[:3]]
    for each in chosen[:EXCERPT_PASSAGES]:
        line = f"[{clock(each.time)}] {each.text}" if each.time is not None else each.text
        left -= len(line)
        if left < 0:
            break
        lines.append(line)
    text = "\n".join(["Parts of a longer reading; search finds the others.", *lines])
    return replace(labelled_reading, reading=Description(labelled_reading.label, text, "", ""))
