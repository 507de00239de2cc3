"""Model children are limited, hold no secrets, and their end is an ordinary error."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from services.ai.offline.model_children import ModelChildren
from services.errors import DeadlineError, ReplyError, ServiceError

JOBS = "tests.services.ai.offline.jobs"
MEMORY_BYTES = 300 * 1024 * 1024
AMPLE_SECONDS = 60.0


@pytest_asyncio.fixture
async def pool() -> AsyncGenerator[ModelChildren]:
    found = ModelChildren(children=2, memory_bytes=MEMORY_BYTES, idle_seconds=600, load_seconds=5.0)
    yield found
    await found.aclose()


async def _echo(pool: ModelChildren, payload: bytes = b"") -> int:
    answer = await pool.ask(f"{JOBS}:echo", {"a": 1}, [payload, b""], seconds=AMPLE_SECONDS)
    assert answer["options"] == {"a": 1}
    assert answer["payloads"] == [payload.hex(), ""]
    return answer["pid"]


async def test_nothing_runs_before_the_first_job(pool: ModelChildren) -> None:
    assert not pool.pids
    pid = await _echo(pool, os.urandom(300_000))
    assert pool.pids == {pid}


async def test_child_is_used_again(pool: ModelChildren) -> None:
    assert await _echo(pool) == await _echo(pool)


async def test_no_more_children_than_allowed(pool: ModelChildren) -> None:
    pids = await asyncio.gather(*(_echo(pool, b"x") for _ in range(6)))
    assert len(set(pids)) <= 2
    assert len(pool.pids) <= 2


async def test_child_holds_no_secret(pool: ModelChildren, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the bot's environment nor its files are there."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("DISCORD_TOKEN", "token-secret")
    around = await pool.ask(f"{JOBS}:look_around", {}, seconds=AMPLE_SECONDS)
    assert not [name for name in around["environment"] if "KEY" in name or "TOKEN" in name]
    assert "secret" not in str(around["environment"])
    assert around["environment"]["HF_HUB_OFFLINE"] == "1"
    assert around["folder"] == "/"
    assert sum(each.startswith("socket:") for each in around["files"]) == 1


@pytest.mark.parametrize(
    ("job", "error", "code"),
    [
        ("die", ReplyError, "offline-model-died"),
        ("hang", DeadlineError, "offline-too-slow"),
        ("devour", ServiceError, "offline-too-much-memory"),
        ("fail", ReplyError, "offline-model-failed"),
        ("missing", ReplyError, "offline-model-failed"),
    ],
)
async def test_bad_end_is_an_ordinary_error(
    pool: ModelChildren, job: str, error: type[ServiceError], code: str
) -> None:
    """And the next job works."""
    with pytest.raises(error) as raised:
        await pool.ask(f"{JOBS}:{job}", {"bytes": 2 * MEMORY_BYTES}, seconds=0.5)
    assert raised.value.code == code
    await _echo(pool)


async def test_content_does_not_reach_the_log(pool: ModelChildren, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ReplyError):
        await pool.ask(f"{JOBS}:fail", {}, seconds=AMPLE_SECONDS)
    assert "ValueError at jobs.py" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    "frame",
    [
        {"content": b"no json".hex()},
        {"content": b'{"result": 1}'.hex()},
        {"content": b'{"surprise": {}}'.hex()},
        {"content": b"[" * 100_000 + b"]" * 100_000},
        {"content": "", "size": 2**31},
    ],
)
async def test_nonsense_is_refused(pool: ModelChildren, frame: dict[str, object]) -> None:
    """A child that was taken over ends its own job only."""
    content = frame["content"]
    options = {**frame, "content": content.hex() if isinstance(content, bytes) else content}
    with pytest.raises(ReplyError, match="offline-model-died"):
        await pool.ask(f"{JOBS}:lie", options, seconds=AMPLE_SECONDS)
    await _echo(pool)


async def test_child_killed_from_outside_mid_job(pool: ModelChildren) -> None:
    async with _Told() as told:
        job = asyncio.ensure_future(
            pool.ask(f"{JOBS}:tell_and_hang", {"port": told.port}, seconds=AMPLE_SECONDS)
        )
        os.kill(await told.pid(), signal.SIGKILL)
        with pytest.raises(ReplyError, match="offline-model-died"):
            await job
    await _echo(pool)


async def test_cancelled_job_leaves_no_child_behind(pool: ModelChildren) -> None:
    """Its answer must not meet the next question."""
    async with _Told() as told:
        job = asyncio.ensure_future(
            pool.ask(f"{JOBS}:tell_and_hang", {"port": told.port}, seconds=AMPLE_SECONDS)
        )
        pid = await told.pid()
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        await _gone(pid)
    assert await _echo(pool) != pid


async def test_idle_child_is_ended() -> None:
    pool = ModelChildren(children=1, memory_bytes=MEMORY_BYTES, idle_seconds=0.05)
    pid = await _echo(pool)
    await _gone(pid)
    assert not pool.pids
    assert await _echo(pool) != pid
    await pool.aclose()


async def test_closing_ends_the_children(pool: ModelChildren) -> None:
    pid = await _echo(pool)
    await pool.aclose()
    await _gone(pid)
    with pytest.raises(RuntimeError):
        await _echo(pool)


async def test_child_dies_with_its_parent() -> None:
    """Also when the parent is killed in the middle of a job."""
    program = textwrap.dedent(f"""
        import asyncio, sys
        from services.ai.offline.model_children import ModelChildren
        pool = ModelChildren(children=1, memory_bytes={MEMORY_BYTES}, idle_seconds=600)
        asyncio.run(pool.ask("{JOBS}:tell_and_hang", {{"port": int(sys.argv[1])}}, seconds=600))
    """)
    async with _Told() as told:
        root = Path(__file__).parents[4]
        parent = subprocess.Popen([sys.executable, "-c", program, str(told.port)], cwd=root)
        pid = await told.pid()
        parent.kill()
        parent.wait()
        await _gone(pid)


class _Told:
    """Listens for the one process id that a job sends."""

    async def __aenter__(self) -> _Told:
        self._heard: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._server = await asyncio.start_server(self._hear, "127.0.0.1")
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._heard.set_result(int(await reader.read()))
        writer.close()

    async def pid(self) -> int:
        async with asyncio.timeout(AMPLE_SECONDS):
            return await self._heard


async def _gone(pid: int) -> None:
    """Wait until a process has ended (a zombie that nobody reaps here counts)."""
    async with asyncio.timeout(AMPLE_SECONDS):
        while _is_running(pid):
            await asyncio.sleep(0.01)


def _is_running(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"
