"""What operators see and do beside a running bot: health, metrics, jobs, erasure."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import sqlite3
from pathlib import Path

import aiohttp
import pytest

from playground.discord import File
from playground.discord.state import Message
from playground.models import ModelFault
from services.operating.jobs_command import main
from tests.bots import LIMIT_SECONDS, running_bot
from tests.e2e.conftest import Town
from tests.pictures import encoded, photo

SAID = "zebrafinch"
NAME = "capercaillie"
MARKER = 3917


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def fetched(port: int, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as response:
        return response.status, await response.text()


async def metrics_with(port: int, wanted: str) -> str:
    """Return the metrics once they say this: a job is counted a moment after its answer stands."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while wanted not in (text := (await fetched(port, "/metrics"))[1]):
            await asyncio.sleep(0.1)
    return text


async def own_button(town: Town, wanted: str) -> tuple[Message, str]:
    """Use /status until its answer has a button of this kind; return both."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while True:
            used = await town.local.invoke(town.ana, town.channel, "status")
            await town.local.wait_for(lambda used=used: town.answer_to(used))
            message = town.channel.messages[used.response_id or 0]
            for each in message.custom_ids():
                if re.fullmatch(wanted, each):
                    return message, each


async def left_server(database: Path, guild_id: int) -> None:
    """Wait until the bot has noted that it is in a server no more."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while True:
            with contextlib.closing(sqlite3.connect(database)) as connection:
                if connection.execute("SELECT guild_id FROM left_servers").fetchall() == [(guild_id,)]:
                    return
            await asyncio.sleep(0.1)


async def jobs(*arguments: str) -> int:
    """Run `bot.py jobs ...` in a thread of this process; return its exit status."""
    return await asyncio.to_thread(main, list(arguments))


def files_with(folder: Path, *words: str) -> list[str]:
    """Return which files hold which of these words, byte for byte."""
    found: list[str] = []
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            found += [f"{word} in {path.name}" for word in words if word.encode() in data]
    return sorted(found)


async def test_operator_sees_jobs_and_erases_a_person(
    town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Health and metrics of a working bot; a failed job is found, run again, exported, erased to the byte."""
    port = free_port()
    data = town.folder / "data"
    monkeypatch.setenv("ISTHMUS_DATA_DIR", str(data))
    environment = {"ISTHMUS_METRICS_PORT": str(port)}
    async with running_bot(town.local, town.models, town.folder, environment=environment):
        assert await fetched(port, "/livez") == (200, "ok\n")
        assert await fetched(port, "/readyz") == (200, "ok\n")

        picture = File(f"{NAME}.png", encoded(photo(marker=MARKER), "PNG"))
        post = await town.local.post(town.ana, town.channel, f"which {SAID} is it?", [picture])
        await town.settled(post)
        thread = town.local.thread_of(post)
        assert thread is not None
        town.models.fail(ModelFault("", "status", status=400, code="invalid_request_error"))
        question = await town.local.post(town.ana, thread, f"and what does the {SAID} eat?")
        failed = await town.replied(question)
        assert "reference" in failed.text

        metrics = await metrics_with(port, 'isthmus_jobs_total{result="failed",workflow="answer_question"} 1.0')
        assert 'isthmus_jobs_total{result="answered",workflow="read_post"} 1.0' in metrics
        assert 'isthmus_responses_total{service="models",status="4xx"} 1.0' in metrics
        assert 'isthmus_model_tokens_total{kind="input",role="vision"}' in metrics
        for each in (town.ana.id, town.guild.id, town.channel.id, post.id):
            assert str(each) not in metrics, "no ids in metrics"

        status = await town.local.invoke(town.ana, town.channel, "status")
        await town.local.wait_for(lambda: "Requests today: 2 of" in town.answer_to(status))
        assert "Nothing of yours is running" in town.answer_to(status)

        assert await jobs("list", "--state", "failed", "--person", str(town.ana.id)) == 0
        listed = capsys.readouterr().out
        assert listed.startswith(f"answer-{question.id} ")
        assert len(listed.splitlines()) == 1
        assert await jobs("show", f"answer-{question.id}") == 0
        shown = capsys.readouterr().out
        assert "model-refused-request (reference " in shown
        assert SAID not in listed + shown, "content is shown on demand only"

        town.models.fail(ModelFault("", "hang", seconds=LIMIT_SECONDS, times=2))
        slow, slower = [await town.local.post(town.ana, town.channel, files=[picture]) for _ in range(2)]
        await town.models.wait_for(lambda: len(town.models.calls) == 4, timeout=LIMIT_SECONDS)
        assert await jobs("cancel", f"describe-{slow.id}") == 0
        await town.local.press(town.ana, *await own_button(town, f"v1:halt:[^ ]*:describe-{slower.id}"))
        assert "Stopped by" in (await town.settled(slower))[0].text
        assert "stopped this" in (await town.settled(slow))[0].text
        assert await jobs("cancel", f"describe-{slower.id}") == 1

        paid = len(town.models.calls)
        assert await jobs("retry", f"describe-{post.id}") == 1
        assert "was answered" in capsys.readouterr().err
        assert await jobs("retry", f"answer-{question.id}") == 0
        assert f"answer-{question.id}-r1" in capsys.readouterr().out
        message = await town.local.wait_for(
            lambda: next(
                (m for m in town.local.messages(thread) if m.id == failed.id and "eat" in m.text), None
            )
        )
        assert "reference" not in message.text
        assert len(town.models.calls) == paid + 1

        out = town.folder / "ana.json"
        assert await jobs("export", "--person", str(town.ana.id), "--out", str(out)) == 0
        exported = json.loads(out.read_text())
        assert {row["id"] for row in exported["rows"]["jobs"]} >= {
            f"describe-{post.id}",
            f"answer-{question.id}",
        }
        assert SAID in json.dumps(exported["rows"]["turns"])
        assert f"MARKER {MARKER}" in json.dumps(exported["recorded"])
        assert files_with(data, SAID, NAME, f"MARKER {MARKER}")
        capsys.readouterr()

        assert await jobs("erase", "--person", str(town.ana.id)) == 0
        assert "readings" in capsys.readouterr().out
        assert files_with(data, SAID, NAME, f"MARKER {MARKER}") == []
        assert await jobs("show", f"describe-{post.id}") == 1

        again = await town.local.post(town.ana, town.channel, files=[picture])
        assert "MARKER" in (await town.settled(again))[0].text, "the bot works on"

        town.local.kick_bot(town.guild)
        await left_server(data / "isthmus.db", town.guild.id)
