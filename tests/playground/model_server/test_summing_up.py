"""Moments and summaries hold what the pictures show and the data blocks say, and nothing else."""

from __future__ import annotations

from typing import Any

from openai import AsyncOpenAI
from pydantic import BaseModel

from playground.models.material import sentences_in, telling, time_in
from tests.pictures import encoded, photo
from tests.playground.model_server.conftest import data_url

TALK = """\
[0:00] Welcome to the harbour meeting, says Ana.
[0:12] The old lighthouse costs 4200 euros a year. Can we afford it?
[1:05–1:20] We decided to sell the red boat.
[1:30] Ben Carter will call the buyer by Friday.
[1:02:03] Thanks to everybody!"""


class Moment(BaseModel):
    time_seconds: float
    text: str
    visible_text: str


class Moments(BaseModel):
    moments: list[Moment]


class Chapter(BaseModel):
    start_seconds: float
    title: str
    text: str


class Todo(BaseModel):
    text: str
    owner: str
    due: str


class Summary(BaseModel):
    title: str
    summary: str
    key_points: list[str]
    decisions: list[str]
    todos: list[Todo]
    chapters: list[Chapter]
    language: str
    open_questions: list[str]
    people: list[str]


def block(text: str, name: str = "transcript", mark: str = "0a1b2c3d") -> str:
    return f"[data {mark} {name}]\n{text}\n[end {mark} {name}]"


async def summary_of(client: AsyncOpenAI, *blocks: str) -> Summary:
    response = await client.responses.parse(
        model="m", input="\n\n".join([*blocks, "Sum it up."]), text_format=Summary
    )
    assert response.output_parsed is not None
    return response.output_parsed


async def test_each_picture_is_a_moment_with_its_own_time(client: AsyncOpenAI) -> None:
    """The caption before a picture gives its time; what is seen belongs to that picture alone."""
    content: list[dict[str, str]] = [{"type": "input_text", "text": "Describe each moment.\nLanguage: en"}]
    for number, (marker, time) in enumerate([(11, 0.0), (22, 12.5), (33, 83.25)], 1):
        content += [
            {"type": "input_text", "text": f"Moment {number} of 3, at {time:.2f} seconds:"},
            {
                "type": "input_image",
                "image_url": data_url(encoded(photo(marker=marker), quality=85)),
                "detail": "high",
            },
        ]
    response = await client.responses.parse(
        model="m",
        input=[{"role": "user", "content": content}],  # type: ignore[list-item]
        text_format=Moments,
    )
    assert response.output_parsed is not None
    moments = response.output_parsed.moments
    assert [(each.time_seconds, each.visible_text) for each in moments] == [
        (0.0, "MARKER 11"),
        (12.5, "MARKER 22"),
        (83.25, "MARKER 33"),
    ]
    assert "marker 22" in moments[1].text
    assert "marker 11" not in moments[1].text


async def test_moments_are_told_apart_in_chat_too(client: AsyncOpenAI) -> None:
    """Captions work the same in Chat Completions, with times as people write them."""
    content: list[Any] = []
    for marker, time in ((11, "0:07"), (22, "1:02:03")):
        url = {"url": data_url(encoded(photo(marker=marker), quality=85))}
        content += [{"type": "text", "text": f"At {time}:"}, {"type": "image_url", "image_url": url}]
    completion = await client.chat.completions.parse(
        model="m",
        messages=[{"role": "user", "content": content}],
        response_format=Moments,
    )
    parsed = completion.choices[0].message.parsed
    assert parsed is not None
    assert [each.time_seconds for each in parsed.moments] == [7.0, 3723.0]


async def test_summary_is_made_of_what_was_sent(client: AsyncOpenAI) -> None:
    """Every field quotes the block: decisions, todos with who and when, questions, people, chapters by time."""
    summary = await summary_of(client, block(TALK))
    assert "lighthouse costs 4200 euros" in summary.summary
    assert summary.decisions == ["We decided to sell the red boat."]
    assert summary.todos == [
        Todo(text="Ben Carter will call the buyer by Friday.", owner="Ben Carter", due="Friday")
    ]
    assert summary.open_questions == ["Can we afford it?"]
    assert summary.people[0] == "Ben Carter"
    assert [each.start_seconds for each in summary.chapters] == [0.0, 12.0, 65.0, 90.0, 3723.0]
    assert "red boat" in summary.chapters[2].text
    assert summary.language == "en"
    assert any("4200" in each for each in summary.key_points)


async def test_summary_knows_nothing_that_was_not_sent(client: AsyncOpenAI) -> None:
    """Without the block there is no decision, no chapter, no word of it."""
    summary = await summary_of(client, block("[0:00] Nothing happened here."))
    assert (summary.decisions, summary.todos, summary.people) == ([], [], [])
    assert "lighthouse" not in summary.model_dump_json()


async def test_summary_of_summaries_keeps_what_matters(client: AsyncOpenAI) -> None:
    """Long material is quoted from all its parts, so that a figure survives two rounds."""
    parts: list[str] = []
    for part in range(4):
        filler = [f"[{part}:{second:02}] So we went on talking about this and that." for second in range(60)]
        filler[part * 13 + 5] = f"[{part}:{part * 13 + 5:02}] The harbour {part} needs {part}77 buoys."
        filler = [f"{line} {'abcdefghijklmnop'[second % 16]}{second} ok." for second, line in enumerate(filler)]
        parts.append((await summary_of(client, block("\n".join(filler)))).summary)
    assert all(len(each) < 1700 for each in parts)
    whole = await summary_of(client, *(block(each, "part", f"0000000{n}") for n, each in enumerate(parts)))
    assert all(f"{part}77 buoys" in whole.summary for part in range(4))


def test_times_are_read_as_people_write_them() -> None:
    """Clocks and seconds; other numbers are no times."""
    assert [time_in(each) for each in ("at 12.50 seconds", "1:02:03", "[0:07]", "83 s", "2026")] == [
        12.5,
        3723.0,
        7.0,
        83.0,
        None,
    ]
    lines = "[00:01:23.5 - 00:01:30] one two.\nthree four!\n~2:00 five six"
    assert [(each.text, each.time) for each in sentences_in([lines])] == [
        ("one two.", 83.5),
        ("three four!", 83.5),
        ("five six", 120.0),
    ]


def test_short_material_is_quoted_whole() -> None:
    """What fits is told in order, each sentence once."""
    sentences = sentences_in(["One two. Three four. One two."])
    assert [each.text for each in telling(sentences)] == ["One two.", "Three four."]
