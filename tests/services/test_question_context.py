"""What goes with a question fits the limit, and what bears on the question goes first."""

from __future__ import annotations

from services.ai.protocols import Context, LabelledReading
from services.domain import Correction, Description, Kind, MediaItem, MessageSource, Segment, Transcript, Turn
from services.readings import as_text
from services.store.conversations import Conversation
from services.workflows.question_context import build_context, labelled, numbered, recent_turns, to_sum_up


def reading(number: int, text: str) -> LabelledReading:
    return LabelledReading(f"{number}. {number}.png", Description(f"Title {number}", text, "", ""))


def turn(number: int, text: str) -> Turn:
    return Turn(number, "person" if number % 2 else "bot", 5, text)


def length(context: Context) -> int:
    texts = [as_text(each.reading, each.corrections) for each in context.readings]
    return sum(map(len, texts)) + sum(len(each.text) for each in context.turns) + len(context.summary)


def context(question: str, readings: list[LabelledReading], turns: list[Turn], limit: int) -> Context:
    return build_context(
        question, readings=readings, turns=turns, summary="", about=(), limit=limit, language="en"
    )


def test_all_goes_along_where_there_is_room() -> None:
    """Nothing is left out or put in another order."""
    readings = [reading(number, f"A boat {number}.") for number in range(1, 6)]
    turns = [turn(number, f"said {number}") for number in range(1, 6)]
    built = context("Which boat?", readings, turns, 10_000)
    assert (list(built.readings), list(built.turns)) == (readings, turns)


def test_readings_that_fit_the_question_go_first() -> None:
    """Of many long readings the one that is asked about is whole, and the order stays."""
    readings = [reading(number, "Grey stones lie about. " * 40) for number in range(1, 11)]
    readings[2] = reading(3, "A lighthouse keeper waves. " * 30)
    built = context("What does the lighthouse keeper do?", readings, [], 3_000)
    assert readings[2] in built.readings
    assert length(built) <= 3_000 + 10 * 60
    assert [each.label for each in built.readings] == [each.label for each in readings]


def test_long_transcript_is_quoted_where_it_fits() -> None:
    """Of a reading that is too long on its own, the parts that bear on the question go along, with times."""
    words = [Segment(10.0 * at, 10.0 * at + 9, f"Nothing of note here, part {at}.") for at in range(400)]
    words[311] = Segment(3110.0, 3119.0, "The password is cormorant.")
    long = LabelledReading("1. talk.ogg", Transcript(4000.0, tuple(words), "en"))
    built = context("What is the password?", [long], [], 4_000)
    assert "[51:50] The password is cormorant." in as_text(built.readings[0].reading)
    assert length(built) <= 4_100


def test_newest_turns_stay() -> None:
    """What was said last is never left out for what was said first."""
    turns = [turn(number, f"message {number} " + "x" * 90) for number in range(1, 101)]
    built = context("And?", [reading(1, "y" * 9_000)], turns, 4_000)
    assert built.turns[-1] == turns[-1]
    assert 5 < len(built.turns) < 15


def test_long_threads_are_summed_up_in_time() -> None:
    """The oldest turns are to be summed up before any of them would be left out, whatever the readings."""
    turns = [turn(number, "x" * 100) for number in range(1, 101)]
    for readings in ([], [reading(1, "y" * 3_000)], [reading(1, "y" * 9_000)]):
        old = to_sum_up(turns, readings, 4_000)
        assert old == turns[: len(old)]
        left = turns[len(old) :]
        assert left
        assert not to_sum_up(left, readings, 4_000)
        assert list(context("And?", readings, left, 4_000).turns) == left
        assert not to_sum_up(turns[:5], readings, 4_000)


def test_turns_use_the_room_that_short_readings_leave() -> None:
    """Nothing is summed up, which would cost a call and facts, while all of it fits."""
    turns = [turn(number, "x" * 100) for number in range(1, 31)]
    short, long = [reading(1, "y" * 100)], [reading(1, "y" * 3_000)]
    assert not to_sum_up(turns, short, 4_000)
    assert list(context("And?", short, turns, 4_000).turns) == turns
    assert to_sum_up(turns, long, 4_000)


def test_summed_up_turns_and_the_question_itself_are_left_out() -> None:
    """No turn comes twice; a question that is answered anew does not see its first answer."""
    said = tuple(turn(number, f"said {number}") for number in range(1, 9))
    conversation = Conversation((), said, (), "a summary", summed_up_to=3)
    assert [each.message_id for each in recent_turns(conversation, without=7, before=None)] == [4, 5, 6, 8]
    assert [each.message_id for each in recent_turns(conversation, without=7, before=7)] == [4, 5, 6]


def test_numbers_stay_when_an_item_is_erased() -> None:
    """A number means the same item for a whole question; that of an erased one means nothing."""

    def pair(number: int) -> tuple[MediaItem, Description]:
        item = MediaItem(MessageSource(1, 2, number), f"{number}.png", Kind.IMAGE, 5, "ab" * 32)
        return item, Description(f"Title {number}", "", "", "")

    right = ((30, Correction("it is a fox", 9)),)
    conversation = Conversation((pair(10), pair(30)), (), right)
    assert {number: item.filename for number, (item, _) in numbered(conversation, [10, 20, 30]).items()} == {
        1: "10.png",
        3: "30.png",
    }
    first, third = labelled(conversation, [10, 20, 30])
    assert (first.corrections, third.corrections) == ((), (right[0][1],))
