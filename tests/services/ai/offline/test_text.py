"""Questions are looked up and key sentences chosen; every word of an answer stands in the material."""

from __future__ import annotations

import re

import pytest

from services.ai.offline.passages import Passage, Vocabulary, key_sentences, search, sentences
from services.ai.offline.text import OfflineText
from services.ai.protocols import LabelledReading
from services.domain import Description, Length, Moment, Segment, Summary, Timeline, Transcript, Turn
from services.readings import spoken_lines, timeline_lines

MEETING = (
    "Hello everybody, and thanks for coming. Maria writes the release notes for the launch.",
    "Tom rotates the API token before noon. The launch moves from Tuesday to Thursday because of the API",
    "token. The invoice for the launch was forty two dollars. Any questions about the release notes?",
    "Then we are done.",
)
SEGMENTS = tuple(Segment(10.0 * number, 10.0 * number + 9, text) for number, text in enumerate(MEETING))
TRANSCRIPT = Transcript(40.0, SEGMENTS, "en")
PHOTO = Description(
    "A photo", "Its main colours are blue (60 %). I found no text in it.", "EXIT 12", "A photo."
)
VIDEO = Timeline(
    30.0,
    (Moment(12.0, "A wide photo, mostly white.", "Quarterly revenue: 3 million"),),
    (Segment(5.0, 9.0, "Revenue has doubled since spring."),),
    "en",
    Summary("", ""),
)


async def ask(question: str, *readings: LabelledReading, turns: tuple[Turn, ...] = ()) -> str:
    shown: list[str] = []
    reply = await OfflineText().answer(
        question, readings=readings, turns=turns, language="en", person="", on_text=shown.append
    )
    assert shown == [reply.value]
    assert (reply.spend.usd, reply.spend.model) == (0.0, "local/search")
    return reply.value


def quotes(answer: str) -> list[str]:
    return [line[2:] for line in answer.splitlines() if line.startswith("> ")]


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("Who rotates the token?", "Tom rotates the API token before noon. — call.ogg, 0:10"),
        ("who's writing the release notes", "Maria writes the release notes for the launch. — call.ogg, 0:00"),
        ("What did it cost?", "The invoice for the launch was forty two dollars. — call.ogg, 0:20"),
        ("What color is it?", "Its main colours are blue (60 %). — 2. photo.png"),
        ("What does the exit sign say?", "EXIT 12 — 2. photo.png"),
        ("What text is in it?", "EXIT 12 — 2. photo.png"),
        ("revenue?", "Revenue has doubled since spring. — film.mp4, 0:05"),
    ],
)
async def test_best_sentence_is_quoted_with_its_place(question: str, quote: str) -> None:
    answer = await ask(
        question,
        LabelledReading("call.ogg", TRANSCRIPT),
        LabelledReading("2. photo.png", PHOTO),
        LabelledReading("film.mp4", VIDEO),
    )
    assert quotes(answer)[0] == quote
    assert "without a model server" in answer


async def test_sentence_that_goes_over_a_cut_stays_whole() -> None:
    answer = await ask("Why does the launch move to Thursday?", LabelledReading("call.ogg", TRANSCRIPT))
    assert quotes(answer)[0].startswith("The launch moves from Tuesday to Thursday because of the API token.")


async def test_nothing_fitting_is_said_plainly() -> None:
    answer = await ask("Which giraffe won?", LabelledReading("call.ogg", TRANSCRIPT))
    assert answer.startswith("Nothing that I read, measured or heard here matches")
    assert not quotes(answer)
    assert (await ask("what is it?", LabelledReading("a.png", PHOTO))).startswith(
        "There is nothing in your question"
    )
    assert not quotes(await ask("what is it?"))


POSTER = Description(
    "A page",
    "",
    "STAFF NEWS\nTeam lunch\nFriday 14 March, 12:30\nHarbour Hall, 2nd floor\nTickets\n12 €",
    "A page.",
)


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("When is lunch?", ["Team lunch", "Friday 14 March, 12:30"]),
        ("What time is the team lunch?", ["Team lunch", "Friday 14 March, 12:30"]),
        ("Where is lunch?", ["Team lunch", "Harbour Hall, 2nd floor"]),
        ("How much are the tickets?", ["Tickets", "12 €"]),
        ("When is it?", ["Friday 14 March, 12:30"]),
        ("lunch?", ["Team lunch"]),
    ],
)
async def test_question_word_brings_the_line_beside_a_match(question: str, quoted: list[str]) -> None:
    """A poster's line "Team lunch" has no time; the line below it does."""
    answer = await ask(question, LabelledReading("poster.png", POSTER))
    assert quotes(answer) == [f"{each} — poster.png" for each in quoted]


async def test_statement_is_noted_and_found_later() -> None:
    told = "The name of the cafe is Blue Heron."
    assert (await ask(told, LabelledReading("poster.png", POSTER))).startswith("Noted.")
    turns = (Turn(1, "person", 7, told),)
    assert quotes(await ask("What is the cafe called?", turns=turns)) == [f"{told} — said in this thread"]


@pytest.mark.parametrize(
    "question",
    [
        "is the cafe open",
        "show me what is written there",
        "the cafe is open?",
        "then when is lunch",
        "Now tell me what this means",
        "I want to know if the cafe is open",
        "You should translate the sign that is on the left",
    ],
)
async def test_what_asks_without_a_question_mark_is_not_noted(question: str) -> None:
    assert "Noted" not in await ask(question, LabelledReading("poster.png", POSTER))


async def test_people_s_words_are_found_and_the_bot_s_are_not() -> None:
    turns = (
        Turn(1, "person", 7, "Gate code? The code for the gate is 4711."),
        Turn(2, "bot", 0, "The gate code cannot be found here."),
    )
    assert quotes(await ask("gate code?", turns=turns)) == [
        "The code for the gate is 4711. — said in this thread"
    ]


async def summarize(material: str, length: Length = "normal", question: str = "") -> Summary:
    reply = await OfflineText().summarize(
        material, kind="recording", question=question, length=length, language="en", person=""
    )
    return reply.value


async def test_key_sentences_stand_word_for_word_in_the_transcript() -> None:
    summary = await summarize(spoken_lines(SEGMENTS), "short")
    spoken = " ".join(MEETING)
    assert len(summary.key_points) == 3
    for point in summary.key_points:
        time, sentence = re.fullmatch(r"\[(\d:\d\d)\] (.*)", point).groups()  # pyright: ignore[reportOptionalMemberAccess]
        assert sentence in spoken
        assert time in {"0:00", "0:10", "0:20", "0:30"}
    assert any("launch" in point for point in summary.key_points)


async def test_what_would_need_a_writer_stays_empty() -> None:
    summary = await summarize(spoken_lines(SEGMENTS))
    invented = (summary.decisions, summary.todos, summary.chapters, summary.people, summary.open_questions)
    assert not any(invented)
    assert "word for word" in summary.text
    assert summary.answer == ""


async def test_question_about_a_recording_is_looked_up() -> None:
    summary = await summarize(spoken_lines(SEGMENTS), question="Who rotates the token?")
    assert quotes(summary.answer)[0] == "Tom rotates the API token before noon."


async def test_measured_facts_of_a_video_are_no_key_sentences() -> None:
    """What was heard and what is written count; how the frames look does not."""
    summary = await summarize(timeline_lines(VIDEO.moments, VIDEO.segments))
    assert summary.key_points == (
        "[0:05] Revenue has doubled since spring.",
        "[0:12] Quarterly revenue: 3 million",
    )


@pytest.mark.parametrize("material", ["", "\n\n", "[0:00] ", "[0:00] heard: ", "..."])
async def test_nothing_to_choose_from_is_said_plainly(material: str) -> None:
    summary = await summarize(material)
    assert not summary.key_points
    assert summary.text == "There are no sentences in it to choose from."


def test_key_sentences_are_the_same_each_time_and_in_order() -> None:
    vocabulary = Vocabulary.parse("the of", "")
    passages = [
        Passage(f"The {word} boat of harbour {word}", "", float(at)) for at, word in enumerate("abcdefgh")
    ]
    first = key_sentences(passages, vocabulary, limit=4)
    assert first == key_sentences(passages, vocabulary, limit=4)
    assert [each.time for each in first] == sorted(each.time or 0.0 for each in first)
    assert len(first) == 4


def test_rare_words_weigh_more_than_common_ones() -> None:
    vocabulary = Vocabulary.parse("", "")
    passages = [Passage(f"boat number {number}", "") for number in range(9)] + [Passage("boat anchor", "")]
    assert search("anchor of the boat", passages, vocabulary, limit=1)[0].text == "boat anchor"


def test_sentences_end_at_their_ends_only() -> None:
    text = 'He said "no." Then he left!  Where to?\n3. Send the bill of $1,249.50 today.'
    assert sentences(text) == [
        'He said "no." Then he left!',
        "Where to?",
        "3. Send the bill of $1,249.50 today.",
    ]
