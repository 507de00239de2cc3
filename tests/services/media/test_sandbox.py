"""Children that fail, die, hang, spy or lie end their own job with one sentence, and nothing else."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from services.errors import MediaError
from services.media.sandbox import ChildResult, Sandbox

ROOT = Path(__file__).parent.parent.parent.parent
CHILDREN = "tests.services.media.children"
MEMORY_BYTES = 1_000_000_000
WAIT_SECONDS = 20.0
Run = Callable[..., Awaitable[ChildResult]]


@pytest.fixture
async def sandbox() -> AsyncGenerator[Sandbox]:
    sandbox = Sandbox(children=2, memory_bytes=MEMORY_BYTES, wall_seconds=30, preload=[CHILDREN])
    yield sandbox
    await sandbox.aclose()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "in.bin"
    path.write_text("dear diary")
    return path


@pytest.fixture
def run(sandbox: Sandbox, file: Path) -> Run:
    def run(function: str, wall_seconds: float | None = None, **options: Any) -> Awaitable[ChildResult]:
        return sandbox.run(f"{CHILDREN}:{function}", file, options, wall_seconds=wall_seconds)

    return run


async def until(condition: Callable[[], Any], what: str) -> Any:
    """Wait for an observable state."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not (value := condition()):
            await asyncio.sleep(0.01)
    assert value, what
    return value


def announced(folder: Path) -> int | None:
    try:
        return int((folder / "pid").read_text())
    except FileNotFoundError:
        return None


def is_gone(pid: int) -> bool:
    try:
        return ") Z" in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):  # The latter when it goes between opening and reading.
        return True


async def warm_process(run: Run) -> int:
    return (await run("look_around")).facts["parent"]


async def test_child_answers_with_facts_and_bytes(run: Run) -> None:
    """What a function returns arrives unchanged, empty pieces too."""
    result = await run("echo", size=3, name="é")
    assert result.facts == {"content": "dear diary", "options": {"size": 3, "name": "é"}}
    assert result.payloads == (b"one", b"", b"three")


async def test_large_answer_arrives_whole(run: Run) -> None:
    """Pictures are much larger than what a socket holds at once."""
    result = await run("devour", bytes=60_000_000)
    assert result.payloads[0] == b"x" * 60_000_000


async def test_child_is_limited_and_alone(run: Run, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child has limits, no secrets, one socket, its own process group, and works in the file's folder."""
    monkeypatch.setenv("DISCORD_TOKEN", "top-secret")
    monkeypatch.setenv("OPENAI_API_KEY", "top-secret")
    seen = (await run("look_around", wall_seconds=7.5)).facts
    assert "top-secret" not in str(seen["environment"])
    assert seen["folder"] == str(file.parent)
    assert sum(each.startswith("socket:") for each in seen["files"]) == 1
    assert {each for each in seen["files"] if not each.startswith("socket:")} == {os.devnull}
    assert seen["group"] == seen["pid"]
    assert seen["limits"] == {
        "RLIMIT_AS": [MEMORY_BYTES, MEMORY_BYTES],
        "RLIMIT_CPU": [8, 9],
        "RLIMIT_FSIZE": [512 * 1024 * 1024] * 2,
        "RLIMIT_NOFILE": [64, 64],
        "RLIMIT_CORE": [0, 0],
    }


async def test_warm_process_has_no_secrets_and_one_thread(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Children are forked from it, so it must have neither; /proc shows what it was started with."""
    monkeypatch.setenv("DISCORD_TOKEN", "top-secret")
    pid = await warm_process(run)
    assert b"top-secret" not in Path(f"/proc/{pid}/environ").read_bytes()
    assert "\nThreads:\t1\n" in Path(f"/proc/{pid}/status").read_text()


async def test_picture_decoders_start_no_threads() -> None:
    """With all picture decoders imported, the warm process still has one thread."""
    sandbox = Sandbox(
        children=1,
        memory_bytes=MEMORY_BYTES,
        wall_seconds=30,
        preload=["services.media.images", CHILDREN],
    )
    path = Path(__file__)
    pid = (await sandbox.run(f"{CHILDREN}:look_around", path, {})).facts["parent"]
    threads = Path(f"/proc/{pid}/status").read_text()
    await sandbox.aclose()
    assert "\nThreads:\t1\n" in threads


@pytest.mark.parametrize(
    ("function", "options", "code"),
    [
        ("die_by", {"signal": signal.SIGSEGV}, "media-decoder-died"),
        ("die_by", {"signal": signal.SIGKILL}, "media-decoder-died"),
        ("die_by", {"signal": signal.SIGABRT}, "media-decoder-died"),
        ("die_by", {"signal": signal.SIGXCPU}, "media-took-too-long"),
        ("leave", {"status": 0}, "media-decoder-died"),
        ("leave", {"status": 3}, "media-decoder-died"),
        ("devour", {"bytes": 3_000_000_000}, "media-too-complex"),
        ("fill_disk", {"bytes": 600_000_000}, "media-broken"),
        ("fail", {}, "media-broken"),
    ],
)
async def test_end_of_a_child_is_an_ordinary_error(
    run: Run, function: str, options: dict[str, Any], code: str
) -> None:
    """However a child ends, its job gets one sentence and the next job works."""
    with pytest.raises(MediaError) as caught:
        await run(function, **options)
    assert caught.value.code == code
    assert (await run("echo")).payloads


async def test_refusal_reaches_the_user(run: Run) -> None:
    """A decoder's own refusal is told with its values."""
    with pytest.raises(MediaError) as caught:
        await run("refuse", refusal={"code": "media-too-many-pixels", "params": {"size": "9 × 9"}})
    assert (caught.value.code, caught.value.params) == ("media-too-many-pixels", {"size": "9 × 9"})


@pytest.mark.parametrize(
    "refusal",
    [
        {"code": "budget-exceeded", "params": {}},
        {"code": "media-broken", "params": {"size": "x" * 101}},
        {"code": "media-broken", "params": {"size": 7}},
        {"code": "media-broken"},
        "media-broken",
    ],
)
async def test_lying_refusal_is_not_passed_on(run: Run, refusal: Any) -> None:
    """A child cannot make the bot say whatever it likes."""
    with pytest.raises(MediaError) as caught:
        await run("refuse", refusal=refusal)
    assert (caught.value.code, caught.value.params) == ("media-decoder-died", {})


@pytest.mark.parametrize(
    "answer",
    [
        {"head": ""},
        {"head": "not json"},
        {"head": "[" * 100_000},
        {"head": "null"},
        {"head": '{"exit": 0}'},
        {"head": '{"pid": 1}'},
        {"head": '{"result": {}, "sizes": [5]}', "payload": 4},
        {"head": '{"result": {}, "sizes": [-1, 5]}', "payload": 4},
        {"head": '{"result": {}, "sizes": ["4"]}', "payload": 4},
        {"head": '{"result": [], "sizes": []}'},
        {"head": '{"sizes": []}'},
        {"head": '{"failed": "surprise"}'},
        {"head": "{}", "lengths": [1 << 31, 0]},
        {"head": "{}", "lengths": [2, 1 << 62]},
        {"head": "{}", "lengths": [200, 0]},
    ],
)
async def test_nonsense_is_no_answer(run: Run, answer: dict[str, Any]) -> None:
    """What a child that was taken over may send is an ordinary error, whatever it is."""
    with pytest.raises(MediaError, match="media-decoder-died"):
        await run("say", **answer)
    assert (await run("echo")).payloads


async def test_log_names_the_failure_but_not_the_content(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    """The log says which error and where, never what the file held."""
    with caplog.at_level(logging.DEBUG), pytest.raises(MediaError):
        await run("fail")
    assert "ValueError at children.py:" in caplog.text
    assert "diary" not in caplog.text


async def test_what_a_child_prints_is_not_kept(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    """Decoders' warnings may quote the file; they go nowhere."""
    await run("print_a_lot")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("function", ["hang", "hang_deaf"])
async def test_hanging_child_is_killed_after_its_time(run: Run, file: Path, function: str) -> None:
    """The wall clock ends a child, also one that is deaf to signals."""
    started = time.monotonic()
    with pytest.raises(MediaError, match="media-took-too-long"):
        await run(function, wall_seconds=0.5)
    assert time.monotonic() - started < 10
    pid = announced(file.parent)
    assert pid is not None
    await until(lambda: is_gone(pid), "the child's end")


async def test_cancelled_job_leaves_no_child(run: Run, file: Path) -> None:
    """Stop really stops: the child of a cancelled job is killed, its place is free again."""
    job = asyncio.ensure_future(run("hang"))
    pid = await until(lambda: announced(file.parent), "the child's start")
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    await until(lambda: is_gone(pid), "the child's end")
    assert [await run("echo"), await run("echo"), await run("echo")]


async def test_what_a_child_started_ends_with_it(run: Run, file: Path) -> None:
    """A child cannot leave a process behind."""
    await run("leave_somebody_behind")
    pid = announced(file.parent)
    assert pid is not None
    await until(lambda: is_gone(pid), "the end of the child's child")


async def test_no_more_children_at_once_than_allowed(sandbox: Sandbox, tmp_path: Path) -> None:
    """Of three jobs two run at once; the third waits."""
    folders = [tmp_path / name for name in "abc"]
    jobs: list[asyncio.Future[ChildResult]] = []
    for folder in folders:
        folder.mkdir()
        options = {"until": str(tmp_path / "go")}
        jobs.append(asyncio.ensure_future(sandbox.run(f"{CHILDREN}:wait_for_file", folder / "in.bin", options)))
    await until(lambda: announced(folders[0]) and announced(folders[1]), "two children")
    assert announced(folders[2]) is None
    (tmp_path / "go").touch()
    ran = [(await job).facts for job in jobs]
    assert max(ran[0]["started"], ran[1]["started"]) < min(ran[0]["ended"], ran[1]["ended"])
    assert ran[2]["started"] >= min(ran[0]["ended"], ran[1]["ended"])


async def test_killed_warm_process_is_replaced(run: Run) -> None:
    """When the warm process was killed, the next jobs get a new one and know nothing of it."""
    first = await warm_process(run)
    os.kill(first, signal.SIGKILL)
    pids = await asyncio.gather(warm_process(run), warm_process(run), warm_process(run))
    assert first not in pids
    assert len(set(pids)) == 1


async def test_job_survives_the_end_of_the_warm_process(run: Run, file: Path, tmp_path: Path) -> None:
    """A job whose child went down with the warm process is tried once more."""
    job = asyncio.ensure_future(run("wait_for_file", until=str(tmp_path / "go")))
    pid = await until(lambda: announced(file.parent), "the child's start")
    warm = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    (file.parent / "pid").unlink()
    os.kill(warm, signal.SIGKILL)
    await until(lambda: is_gone(pid), "the child's end")
    await until(lambda: announced(file.parent), "the second child's start")
    (tmp_path / "go").touch()
    assert (await job).facts


async def test_closing_leaves_no_process(sandbox: Sandbox, run: Run, file: Path) -> None:
    """Neither the warm process nor a child that still runs is left; closing twice does no harm."""
    warm = await warm_process(run)
    job = asyncio.ensure_future(run("hang_deaf"))
    child = await until(lambda: announced(file.parent), "the child's start")
    await sandbox.aclose()
    with pytest.raises(RuntimeError, match="closed"):
        await job
    assert is_gone(warm)
    await until(lambda: is_gone(child), "the child's end")
    await sandbox.aclose()
    with pytest.raises(RuntimeError, match="closed"):
        await run("echo")


async def test_missing_module_is_told_at_the_start() -> None:
    """What cannot be imported is noticed when the bot starts, not with the first picture."""
    sandbox = Sandbox(children=1, memory_bytes=MEMORY_BYTES, wall_seconds=5, preload=["no_such_module"])
    with pytest.raises(RuntimeError, match="did not start"):
        await sandbox.start()
    await sandbox.aclose()


PROGRAM = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from services.media.sandbox import Sandbox

async def main():
    children = "tests.services.media.children"
    sandbox = Sandbox(children=1, memory_bytes=10**9, wall_seconds=60, preload=[children])
    try:
        result = await sandbox.run(children + ":" + sys.argv[1], Path(sys.argv[2]), {{}})
        print("RESULT", result.facts.get("content"), flush=True)
    finally:
        await sandbox.aclose()

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A bot, as far as the sandbox is concerned: a script in another folder."""
    path = tmp_path / "program.py"
    path.write_text(PROGRAM.format(root=str(ROOT)))
    return path


async def test_children_find_their_code_wherever_the_bot_is_started(program: Path, tmp_path: Path) -> None:
    """The code comes from the bot's own folder, not from stray files where it was started."""
    (tmp_path / "in.bin").write_text("dear diary")
    here = tmp_path / "here"
    here.mkdir()
    (here / "json.py").write_text("raise SystemExit('a stray file was imported')")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(program),
        "echo",
        str(tmp_path / "in.bin"),
        cwd=here,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert said == b"RESULT dear diary\n"


async def test_killed_bot_leaves_no_process(program: Path, tmp_path: Path) -> None:
    """When the bot is killed, the warm process and a child at work end with it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(program), "hang_deaf", str(tmp_path / "in.bin")
    )
    child = await until(lambda: announced(tmp_path), "the child's start")
    warm = int(Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[1])
    process.kill()
    await process.wait()
    await until(lambda: is_gone(child) and is_gone(warm), "the end of both")


async def test_long_work_steps_back_and_stands_in_nobodys_way(run: Run, file: Path) -> None:
    """With every place for recordings taken a picture is decoded at once; recordings yield the processor."""
    own = os.nice(0)
    films = [asyncio.ensure_future(run("hang", wall_seconds=60)) for _ in range(3)]
    await until(lambda: announced(file.parent), "a film is being read")
    picture = await run("look_around")
    for film in films:
        film.cancel()
    await asyncio.gather(*films, return_exceptions=True)
    assert picture.facts["niceness"] == own
    film = await run("look_around", wall_seconds=60)
    assert film.facts["niceness"] == min(own + 10, 19)
