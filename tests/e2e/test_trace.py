"""What happened in a job is told from outside of the bot, as it was."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from playground.discord import File
from playground.models import ModelFault
from playground.trace import Trace
from tests.bots import running_bot
from tests.e2e.conftest import Town
from tests.pictures import encoded, photo


def trace_of(town: Town) -> Trace:
    return Trace(town.folder / "data", lambda: list(town.models.calls), "/sent/")


def told(trace: Trace, job: str = "newest") -> dict[str, Any]:
    found = trace.of(job)
    assert found is not None
    return found


async def test_trace_shows_exactly_what_the_model_was_sent(town: Town) -> None:
    """Steps with their times, tokens and price of the call, and the very bytes that arrived."""
    trace = trace_of(town)
    async with running_bot(town.local, town.models, town.folder):
        post = await town.local.post(
            town.ana, town.channel, files=[File("a.png", encoded(photo(marker=9), "PNG"))]
        )
        await town.settled(post)
        [arrived] = town.models.calls
        found = told(trace)
        assert trace.of("describe-1") is None, "a job that never was"

    assert found["job"] == f"describe-{post.id}"
    assert found["workflow"] == "read_post"
    assert [step["name"] for step in found["steps"]][:2] == ["open_place", "describe#0"]
    assert all(step["seconds"] >= 0 and step["error"] is None for step in found["steps"])
    [call] = found["calls"]
    assert (call["role"], call["tokens_in"], call["tokens_out"]) == ("vision", *arrived.tokens)
    assert call["usd"] == found["total_usd"] > 0
    assert found["steps"][1]["started"] <= call["started"] <= found["steps"][1]["started"] + 60
    assert "Language where the request shows none" in call["said"]
    assert "MARKER 9" in call["answered"]
    [sent] = call["sent"]
    assert trace.picture(sent["url"].removeprefix("/sent/")) == (arrived.sights[0].data, "image/jpeg")


async def test_calls_of_jobs_at_the_same_time_are_told_apart(town: Town) -> None:
    """Two people post at once: each job shows the picture of its own post."""
    town.models.latency = 1.0
    trace = trace_of(town)
    async with running_bot(town.local, town.models, town.folder):
        posts = [
            await town.local.post(
                user, town.channel, files=[File("a.png", encoded(photo(marker=number), "PNG"))]
            )
            for user, number in ((town.ana, 101), (town.ben, 202))
        ]
        await asyncio.gather(*map(town.settled, posts))
        answers = [[call["answered"] for call in told(trace, f"describe-{post.id}")["calls"]] for post in posts]

    assert [len(each) for each in answers] == [1, 1]
    assert "MARKER 101" in answers[0][0]
    assert "MARKER 202" in answers[1][0]


async def test_failed_calls_are_shown_and_cost_nothing(town: Town) -> None:
    """A call that failed has no price; the try after it has."""
    town.models.fail(ModelFault("/responses$", "status", status=500))
    async with running_bot(town.local, town.models, town.folder):
        post = await town.local.post(town.ana, town.channel, files=[File("a.png", encoded(photo(), "PNG"))])
        await town.settled(post)
        calls = told(trace_of(town))["calls"]

    assert [(call["answered"] == "HTTP 500", call["usd"] is None) for call in calls] == [
        (True, True),
        (False, False),
    ]


async def test_without_scripted_models_steps_and_spend_are_shown(town: Town) -> None:
    """Of other models' calls only tokens and price are known."""
    async with running_bot(town.local, town.models, town.folder):
        post = await town.local.post(town.ana, town.channel, files=[File("a.png", encoded(photo(), "PNG"))])
        await town.settled(post)
        found = told(Trace(town.folder / "data", list, "/sent/"))

    [call] = found["calls"]
    assert (call["role"], call["model"], call["started"], call["sent"]) == ("vision", "gpt-6-luna", None, [])
    assert found["total_usd"] == call["usd"] > 0
    assert found["steps"]


async def test_a_step_that_failed_says_why(town: Town) -> None:
    """The error of a step is the code of the sentence that the person read."""
    town.models.fail(ModelFault("/responses$", "refusal"))
    async with running_bot(town.local, town.models, town.folder):
        picture = encoded(photo(marker=4), "PNG")
        post = await town.local.post(town.ana, town.channel, files=[File("a.png", picture)])
        await town.settled(post)
        thread = town.local.thread_of(post)
        assert thread is not None
        town.models.fail(ModelFault("/responses$", "refusal"))
        question = await town.local.post(town.ben, thread, "what is it?")
        await town.replied(question)
        found = told(trace_of(town))

    assert found["workflow"] == "answer_question"
    assert [step["error"] for step in found["steps"] if step["error"]] == ["model-refused"]


def test_nothing_is_told_where_nothing_happened(tmp_path: Path) -> None:
    """Before the bot's first start there is no database, and looking does not make one."""
    assert Trace(tmp_path, list, "/sent/").of() is None
    assert not list(tmp_path.iterdir())
