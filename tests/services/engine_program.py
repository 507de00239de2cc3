"""A process with an engine and a few workflows, told what to do by lines of JSON on its standard input.

Started as `python -m tests.services.engine_program FOLDER DATABASE_URL OPTIONS`. What steps did stands in
`FOLDER/calls`, one line a body that ran to its end; what workflows saw in `FOLDER/results`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.domain import ItemOutcome, JobRequest, MessageSource, Origin
from services.engine import Engine
from services.errors import BotError, BusyError, MediaError, UnexpectedError
from services.settings import BotSettings, EngineSettings, LimitSettings, Settings
from services.signs_of_life import Heartbeat

SECRET = "Bearer sk-0123456789"


class Workflows:
    """What the tests run. A job's text is its parameter."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = folder

    def note(self, file: str, *what: object) -> None:
        with (self._folder / file).open("a") as lines:
            lines.write(json.dumps(what) + "\n")

    async def chain(self, request: JobRequest) -> None:
        """Five steps, one after the other; each result goes into the next step."""

        async def link(before: MessageSource) -> MessageSource:
            after = MessageSource(before.channel_id, before.message_id + 1, before.attachment_id * 2)
            self.note("calls", request.job_id, after.message_id, time.time())
            return after

        source = MessageSource(2**62, 0, 1)
        for number in range(5):
            source = await self._engine.step(f"link#{number}", link, source, result_type=MessageSource)
        self.note("results", request.job_id, [source.channel_id, source.message_id, source.attachment_id])

    async def album(self, request: JobRequest) -> None:
        """Six items at once, of which the last ends first."""

        async def look(index: int) -> ItemOutcome:
            await asyncio.sleep((6 - index) * 0.05)
            self.note("calls", request.job_id, index)
            return ItemOutcome(f"{index}.png")

        seen: list[int] = []
        items = await self._engine.fan_out(
            "look", look, range(6), result_type=ItemOutcome, on_result=lambda index, _: seen.append(index)
        )
        await self._engine.step("close", self._nothing, result_type=type(None))
        self.note("results", request.job_id, [each.filename for each in items], sorted(seen))

    async def patchy(self, request: JobRequest) -> None:
        """Four items at once, of which one fails until the file `mended` is there; then they are summed up."""

        async def look(index: int) -> str:
            if index == 1:
                await asyncio.sleep(0.3)  # The others have begun by then, and the last one has not ended.
            if index == 3:
                await asyncio.sleep(0.6)
            self.note("calls", request.job_id, index)
            if index == 1 and not (self._folder / "mended").exists():
                raise MediaError("media-broken")
            return f"{index} of {request.job_id}"

        seen = await self._engine.fan_out("look", look, range(4), result_type=str, on_result=lambda _, __: None)

        async def sum_up() -> str:
            self.note("calls", request.job_id, "sum")
            return " ".join(seen)

        self.note("results", await self._engine.step("sum", sum_up, result_type=str))

    async def refused(self, request: JobRequest) -> None:
        """Steps that fail: as foreseen, unforeseen, and with a result of the wrong type."""

        async def refuse(name: str) -> str:
            self.note("calls", request.job_id, name)
            if name == "foreseen":
                raise MediaError("too-big", limit="5")
            if name == "unforeseen":
                raise RuntimeError(SECRET)
            return 5  # type: ignore[return-value]

        seen: list[Any] = []
        for name in ("foreseen", "unforeseen", "mistyped"):
            try:
                await self._engine.step(name, refuse, name, result_type=str)
            except BotError as error:
                kinds = [type(error).__name__, isinstance(error, MediaError | UnexpectedError)]
                seen.append([*kinds, error.code, error.params.get("limit"), error.params.get("detail")])
        await self._engine.step("close", self._nothing, result_type=type(None))
        self.note("results", request.job_id, seen)

    async def flaky(self, request: JobRequest) -> None:
        """A step that is busy as often as the text says."""
        tries: list[None] = []

        async def answer() -> str:
            self.note("calls", request.job_id)
            tries.append(None)
            if len(tries) <= int(request.text):
                raise BusyError("busy")
            return "a\0b \ud83d\ude00"

        try:
            text = await self._engine.step("answer", answer, result_type=str, attempts=2)
        except BusyError:
            text = "gave up"
        self.note("results", request.job_id, text)

    async def patient(self, request: JobRequest) -> None:
        """A step that waits until the file `go` is there."""

        async def wait() -> None:
            self.note("calls", request.job_id, "begun")
            try:
                while not (self._folder / "go").exists():
                    await asyncio.sleep(0.02)
            except asyncio.CancelledError:
                self.note("calls", request.job_id, "interrupted")
                raise

        try:
            await self._engine.step("wait", wait, result_type=type(None))
        except Exception as error:  # as workflows do; a cancelled one must not get here
            self.note("results", request.job_id, type(error).__name__)
        await self._engine.step("close", self._nothing, result_type=type(None))
        self.note("results", request.job_id, "done")

    async def _nothing(self) -> None:
        """Be a step without effect."""


class Program:
    """Does what the lines on standard input say, and answers each with one line."""

    def __init__(self, folder: Path, database_url: str, options: dict[str, Any]) -> None:
        settings = Settings(
            bot=BotSettings(data_dir=folder, database_url=database_url),
            limits=LimitSettings(job_seconds=options.get("job_seconds", 60)),
            engine=EngineSettings(server_concurrency=options.get("server_concurrency", 6)),
        )
        heartbeat = Heartbeat(every=0.3, dead_after=options.get("dead_after", 1.5))
        self._engine = Engine(settings, "run", heartbeat=heartbeat)
        workflows = Workflows(self._engine, folder)
        runs: list[Callable[[JobRequest], Any]] = [
            workflows.chain,
            workflows.album,
            workflows.refused,
            workflows.flaky,
            workflows.patchy,
            workflows.patient,
        ]
        for run in runs:
            self._engine.register(run.__name__, run)

    async def run(self) -> None:
        await self._engine.start()
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
        )
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while line := await reader.readline():
            name, *arguments = json.loads(line)
            answer = await getattr(self, name)(*arguments)
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
            if name == "stop":
                return

    async def submit(
        self,
        workflow: str,
        job: str,
        text: str = "",
        guild: int = 7,
        priority: int = 10,
        is_new: bool = False,
    ) -> bool:
        request = JobRequest(job, workflow, 5, Origin(guild, 1, 2, True), text=text)
        return await self._engine.submit(request, priority=priority, is_new=is_new)

    async def cancel(self, job: str) -> None:
        await self._engine.cancel(job)

    async def state(self, job: str) -> str | None:
        return await self._engine.state(job)

    async def stop(self, grace: float) -> str:
        await self._engine.stop(grace=grace)
        # The loop's thread pool works again, for whatever is closed after the engine.
        return await asyncio.to_thread(lambda: "stopped")


def main(folder: str, database_url: str, options: str) -> None:
    """Run until standard input ends or asks to stop."""
    asyncio.run(Program(Path(folder), database_url, json.loads(options)).run())


if __name__ == "__main__":
    main(*sys.argv[1:])
