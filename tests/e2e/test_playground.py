"""The playground as one finds it: a process, a page, and the bot behind it."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.bots import ROOT
from tests.pictures import encoded, photo

PATIENCE_SECONDS = 120.0


class Visitor:
    """Somebody who has the page open."""

    def __init__(self, process: asyncio.subprocess.Process, url: str, session: aiohttp.ClientSession) -> None:
        self.process = process
        self.url = url
        self._session = session

    async def enter(self) -> None:
        """Open the page's socket."""
        self._socket = await self._session.ws_connect(self.url + "page/socket")
        self.state = (await self._next())["d"]

    @property
    def channel(self) -> str:
        return self.state["guilds"][0]["channels"][0]["id"]

    async def get(self, path: str) -> bytes:
        async with self._session.get(f"{self.url}page/api/{path}") as answer:
            assert answer.status == 200
            return await answer.read()

    async def post(self, name: str, picture: bytes) -> None:
        form = aiohttp.FormData()
        form.add_field("body", json.dumps({"channel": self.channel}))
        form.add_field("files", picture, filename=name)
        async with self._session.post(self.url + "page/api/post", data=form) as answer:
            assert answer.status == 200, await answer.text()

    async def cause(self, kind: str) -> None:
        async with self._session.post(self.url + "page/api/fault", json={"kind": kind}) as answer:
            assert answer.status == 200, await answer.text()

    async def sees(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for an event on the page."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition(event := await self._next()):
                pass
            return event

    async def sees_text(self, text: str) -> None:
        """Wait until a message of the bot holds a text."""

        def holds(event: dict[str, Any]) -> bool:
            is_message = event["t"] in {"MESSAGE_CREATE", "MESSAGE_UPDATE"}
            return is_message and event["d"]["author"].get("bot", False) and text in json.dumps(event["d"])

        await self.sees(holds)

    async def trace(self) -> dict[str, Any]:
        return json.loads(await self.get("trace"))

    async def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.process.wait()

    async def _next(self) -> dict[str, Any]:
        return json.loads((await self._socket.receive(PATIENCE_SECONDS)).data)


@asynccontextmanager
async def playground(folder: Path, *arguments: str, engine: str = "--scripted") -> AsyncGenerator[Visitor]:
    """Start the playground and open its page."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "bot.py", "playground", engine, "--headless", "--port", "0", *arguments),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "TMPDIR": str(folder)},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            while "ready" not in (line := (await process.stdout.readline()).decode()):
                assert line, "it ended before it was ready"
        async with aiohttp.ClientSession() as session:
            visitor = Visitor(process, line.split()[-1], session)
            await visitor.enter()
            yield visitor
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


def offspring(pid: int) -> list[int]:
    """Return the ids of a process's children and theirs."""
    found: list[int] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            found += [child, *offspring(child)]
    return found


async def ended(handle: int) -> None:
    """Wait until the process behind a handle has ended."""
    readable = select.poll()
    readable.register(handle, select.POLLIN)
    answer = await asyncio.to_thread(readable.poll, PATIENCE_SECONDS * 1000)
    os.close(handle)
    assert answer, "it lives on"


async def test_picture_posted_on_the_page_is_answered_there(tmp_path: Path) -> None:
    """A newcomer posts a picture, reads the answer, looks at what the model was sent, and leaves."""
    async with playground(tmp_path) as visitor:
        await visitor.post("sign.png", encoded(photo(marker=77), "PNG"))
        await visitor.sees_text("MARKER 77")
        told = await visitor.trace()
        [call] = told["calls"]
        [sent] = call["sent"]
        picture = await visitor.get(sent["url"].removeprefix("/page/api/"))
        left = [os.pidfd_open(each) for each in offspring(visitor.process.pid)]
        assert await visitor.terminate() == 0
        await asyncio.gather(*map(ended, left))

    assert told["workflow"] == "read_post"
    assert {"open_place", "describe#0"} <= {step["name"] for step in told["steps"]}
    assert (call["role"], call["model"]) == ("vision", "gpt-6-luna")
    assert "MARKER 77" in call["answered"]
    assert picture.startswith(b"\xff\xd8"), "the JPEG that the bot made of the PNG"
    assert left, "the bot was a process of its own"
    assert not list(tmp_path.iterdir()), "nothing of it is left"


async def test_what_runs_may_be_killed(tmp_path: Path) -> None:
    """Nothing that was posted or answered is lost, and nothing is left behind.

    The button that kills the bot: it is started again, and what it had taken on is answered. With --data the
    second run shows what was posted in the first. When the playground is killed, the bot and its children end.
    """
    kept = ("--data", str(tmp_path / "kept"))
    async with playground(tmp_path, *kept) as visitor:
        await visitor.cause("model-slow")
        await visitor.post("sign.png", encoded(photo(marker=79), "PNG"))
        await visitor.sees(
            lambda event: event["t"] == "MESSAGE_CREATE" and event["d"]["author"].get("bot", False)
        )
        await visitor.cause("bot-killed")
        await visitor.sees(lambda event: event["t"] == "STATUS" and event["d"]["restarts"] == 1)
        await visitor.sees_text("MARKER 79")
        assert await visitor.terminate() == 0

    async with playground(tmp_path, *kept) as visitor:
        [thread] = visitor.state["guilds"][0]["threads"]
        told = await visitor.trace()
        left = [os.pidfd_open(each) for each in offspring(visitor.process.pid)]
        visitor.process.kill()
        await visitor.process.wait()
        await asyncio.gather(*map(ended, left))
    assert told["job"].endswith(thread["id"])
    assert [call["usd"] > 0 for call in told["calls"]] == [True]
    assert left
