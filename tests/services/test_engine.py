"""Jobs are durable: real processes are killed and started again, on SQLite and on Postgres."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from services.codec import to_json
from services.domain import Failure, StoredFile
from services.engine_records import EngineRecords, RecordedStep
from services.operating.recorded import done_beside
from services.settings import BotSettings, Settings
from services.signs_of_life import Heartbeat, SignsOfLife
from tests.services.engine_program import SECRET
from tests.services.engines import Engines, prepared


@pytest.fixture(params=["sqlite", "postgres"])
async def engines(request: pytest.FixtureRequest, tmp_path: Path) -> Engines:
    if request.param == "sqlite":
        return await prepared(tmp_path, f"sqlite:///{tmp_path / 'jobs.db'}")
    return await prepared(tmp_path, request.getfixturevalue("postgres_url"))


@pytest.fixture
async def sqlite_engines(tmp_path: Path) -> Engines:
    return await prepared(tmp_path, f"sqlite:///{tmp_path / 'jobs.db'}")


@pytest.fixture
async def postgres_engines(tmp_path: Path, postgres_url: str) -> Engines:
    return await prepared(tmp_path, postgres_url)


@pytest.mark.parametrize(("moment", "repeated"), [("before", 0), ("inside", 1), ("after", 0)])
async def test_killed_job_goes_on_where_it_was(sqlite_engines: Engines, moment: str, repeated: int) -> None:
    """After SIGKILL recorded steps are not repeated; only a body whose end was not recorded runs again."""
    async with sqlite_engines.running(kill=f"link#2:{moment}") as engine:
        assert await engine.ask("submit", "chain", "job") is True
        assert await engine.killed() == -9
    async with sqlite_engines.running() as engine:
        await engine.reaches("job", "done")
        assert await engine.ask("submit", "chain", "job") is False

    links = [link for _, link, _ in sqlite_engines.calls()]
    assert links == [1, 2, 3, 4, 5] if not repeated else [1, 2, 3, 3, 4, 5]
    assert sqlite_engines.results() == [["job", [2**62, 5, 32]]]


async def test_fault_may_strike_later(sqlite_engines: Engines) -> None:
    """The process is killed at a step's nth time, so that a test can kill it in a certain job."""
    async with sqlite_engines.running(kill="link#1:before:2") as engine:
        await engine.ask("submit", "chain", "first")
        await engine.reaches("first", "done")
        await engine.ask("submit", "chain", "second")
        assert await engine.killed() == -9
    assert [job for job, *_ in sqlite_engines.calls()] == ["first"] * 5 + ["second"]


async def test_fan_out_keeps_its_order_through_a_kill(engines: Engines) -> None:
    """Results stand in the order of the items, whichever ended first and in whichever process."""
    async with engines.running(kill="look#3:inside") as engine:
        await engine.ask("submit", "album", "job")
        assert await engine.killed() == -9
    done = {index for _, index in engines.calls()}
    async with engines.running() as engine:
        await engine.reaches("job", "done")

    assert 3 in done
    again = [index for _, index in engines.calls()][len(done) :]
    assert len(again) == len(set(again))
    assert set(again) >= {3} | (set(range(6)) - done), "those in flight may repeat, 3 was not recorded"
    assert engines.results() == [["job", [f"{index}.png" for index in range(6)], list(range(6))]]


async def test_errors_are_typed_after_a_replay(engines: Engines) -> None:
    """A failed step raises the same class with code and parameters when it is replayed, and is not repeated.

    What an unforeseen exception says may hold keys: none of it is stored.
    """
    async with engines.running(kill="close:inside") as engine:
        await engine.ask("submit", "refused", "job")
        assert await engine.killed() == -9
    async with engines.running() as engine:
        await engine.reaches("job", "done")

    assert [name for _, name in engines.calls()] == ["foreseen", "unforeseen", "mistyped"]
    [[_, seen]] = engines.results()
    assert seen[0] == ["MediaError", True, "too-big", "5", None]
    assert seen[1] == ["UnexpectedError", True, "unexpected", None, "RuntimeError"]
    assert seen[2][:3] == ["UnexpectedError", True, "unexpected"]
    stored = [each.read_bytes() for each in engines.folder.iterdir() if ".db" in each.name]
    assert not any(SECRET.encode() in each for each in stored)


async def test_fork_pays_only_for_what_went_wrong(sqlite_engines: Engines) -> None:
    """Of items that were looked at together only the broken one is again, and then what rests on it."""
    settings = Settings(
        bot=BotSettings(data_dir=sqlite_engines.folder, database_url=sqlite_engines.database_url)
    )
    async with sqlite_engines.running() as engine:
        await engine.ask("submit", "patchy", "job")
        await engine.reaches("job", "failed")
        (sqlite_engines.folder / "mended").touch()
        records = await EngineRecords.open(settings)
        [broken] = [each.number for each in await records.steps("job") if each.error]
        await records.fork("job", "job-r1", from_step=broken, place="7", seconds=60)
        await records.aclose()
        await engine.reaches("job-r1", "done")
    assert sorted(call for job, call in sqlite_engines.calls() if job == "job") == [0, 1, 2, 3]
    assert [call for job, call in sqlite_engines.calls() if job == "job-r1"] == [1, "sum"]
    assert sqlite_engines.results() == [["0 of job 1 of job-r1 2 of job 3 of job"]]


def test_what_came_after_a_failure_is_done_again() -> None:
    """What began once something had gone wrong may rest on it; files may be gone. The rest is reused."""
    good: dict[str, Any] = {"text": "a fox"}
    failure = to_json(Failure, Failure("media-broken"))
    file = to_json(StoredFile, StoredFile("a.png", "ab" * 32, "A fox"))
    steps = [
        RecordedStep(1, "open_place", 1.0, "", "", good, started=0.0),
        RecordedStep(2, "look#0", 9.0, "", "", good, started=1.0),
        RecordedStep(3, "look#1", 3.0, "", "", {"outcome": {"failure": failure}}, started=1.0),
        RecordedStep(4, "look#2", 1.0, "", "", good, started=5.0),
        RecordedStep(5, "sheet#0", 1.0, "", "", {"file": file}, started=1.0),
        RecordedStep(6, "untimed", None, "", "", good),
        RecordedStep(7, "sum", 3.0, "model-busy", "", None, started=12.0),
    ]
    assert done_beside(steps) == {"open_place": good, "look#0": good}


async def test_job_id_runs_once(postgres_engines: Engines) -> None:
    """The same job id again starts nothing, neither at once nor after its end."""
    # What this starts reads the variables of the engine's own cloud, which are meant for nobody here.
    async with postgres_engines.running(fresh=True) as engine:
        assert [await engine.ask("submit", "chain", "job") for _ in range(3)] == [True, False, False]
        await engine.reaches("job", "done")
        assert await engine.ask("submit", "chain", "job") is False
        assert await engine.ask("state", "another") is None
    assert len(postgres_engines.calls()) == 5


async def test_job_id_runs_once_whatever_is_believed(engines: Engines) -> None:
    """Whoever wrongly believes it to be new gets no second run either."""
    async with engines.running() as engine:
        for _ in range(2):
            assert await engine.ask("submit", "chain", "job", "", 7, 10, True)
        await engine.reaches("job", "done")
        assert await engine.ask("submit", "chain", "job", "", 7, 10, True)
        await engine.ask("submit", "chain", "after")
        await engine.reaches("after", "done")
        assert await engine.ask("state", "job") == "done"
    assert len(engines.calls()) == 10


async def test_retryable_errors_are_tried_again(engines: Engines) -> None:
    """A busy step is tried as often as it may; odd text of a model is stored on either database."""
    async with engines.running() as engine:
        await engine.ask("submit", "flaky", "recovers", "1")
        await engine.ask("submit", "flaky", "never", "9")
        await engine.reaches("recovers", "done")
        await engine.reaches("never", "done")
    jobs = [job for (job,) in engines.calls()]
    assert jobs.count("recovers") == jobs.count("never") == 2
    assert sorted(engines.results()) == [["never", "gave up"], ["recovers", "ab 😀"]]


async def test_cancelled_job_stops_soon(engines: Engines) -> None:
    """Cancelling interrupts the step under way within two seconds; the workflow goes no further."""
    async with engines.running() as engine:
        await engine.ask("submit", "patient", "job")
        await engines.wait_for_calls(1)
        begun = time.monotonic()
        await engine.ask("cancel", "job")
        calls = await engines.wait_for_calls(2)
        # At least five times room for what takes about one second.
        assert time.monotonic() - begun < 10
        assert calls == [["job", "begun"], ["job", "interrupted"]]
        assert await engine.ask("state", "job") == "cancelled"
        await engine.ask("stop", 5)
    assert engines.results() == []
    assert "Traceback" not in engines.log()


async def test_job_that_takes_too_long_is_cancelled(sqlite_engines: Engines) -> None:
    """The time limit of a job ends it as a cancel does."""
    async with sqlite_engines.running(job_seconds=1) as engine:
        await engine.ask("submit", "patient", "job")
        await engine.reaches("job", "cancelled")
        assert await sqlite_engines.wait_for_calls(2) == [["job", "begun"], ["job", "interrupted"]]


async def test_one_server_leaves_room_for_others(sqlite_engines: Engines) -> None:
    """Jobs over a server's share wait; those of another server and of direct messages do not."""
    async with sqlite_engines.running(server_concurrency=1) as engine:
        await engine.ask("submit", "patient", "first", "", 7)
        await sqlite_engines.wait_for_calls(1)
        await engine.ask("submit", "chain", "later", "", 7, 100)
        await engine.ask("submit", "chain", "sooner", "", 7, 10)
        await engine.ask("submit", "chain", "elsewhere", "", 8)
        await engine.reaches("elsewhere", "done")
        assert [await engine.ask("state", job) for job in ("sooner", "later")] == ["queued", "queued"]
        (sqlite_engines.folder / "go").touch()
        await engine.reaches("later", "done")
    assert [job for job, *_ in sqlite_engines.results() if job in {"sooner", "later"}] == ["sooner", "later"]


async def test_stop_waits_for_what_runs(sqlite_engines: Engines) -> None:
    """An orderly stop lets a running job end and leaves the loop usable; it takes no new one meanwhile."""
    async with sqlite_engines.running(server_concurrency=1) as engine:
        await engine.ask("submit", "patient", "running")
        await engine.ask("submit", "patient", "waiting")
        await sqlite_engines.wait_for_calls(1)
        stopping = asyncio.ensure_future(engine.ask("stop", 20))
        await asyncio.sleep(0.5)
        assert not stopping.done()
        (sqlite_engines.folder / "go").touch()
        assert await stopping == "stopped"
    assert sqlite_engines.results() == [["running", "done"]]
    async with sqlite_engines.running() as engine:
        await engine.reaches("waiting", "done")
    assert sqlite_engines.results() == [["running", "done"], ["waiting", "done"]]


async def test_poison_is_given_up(sqlite_engines: Engines) -> None:
    """A job that kills its process every time is parked after some attempts; others still run."""
    ends = 0
    async with sqlite_engines.running(kill="link#1:before") as engine:
        await engine.ask("submit", "chain", "poison")
        await engine.killed()
    for _ in range(7):
        async with sqlite_engines.running(kill="link#1:before") as engine:
            try:
                await engine.reaches("poison", "parked")
            except AssertionError:
                ends += 1
                continue
            break
    else:
        pytest.fail("it was never given up")
    assert 2 <= ends <= 6
    async with sqlite_engines.running() as engine:
        assert await engine.ask("state", "poison") == "parked"
        await engine.ask("submit", "flaky", "other", "0")
        await engine.reaches("other", "done")


async def test_jobs_of_a_dead_process_are_adopted(postgres_engines: Engines) -> None:
    """A process that lives takes over what a killed one was doing."""
    async with postgres_engines.running() as doomed:
        for number in range(3):
            await doomed.ask("submit", "patient", f"job-{number}")
        await postgres_engines.wait_for_calls(3)
        async with postgres_engines.running() as heir:
            await doomed.kill()
            await postgres_engines.wait_for_calls(6)
            (postgres_engines.folder / "go").touch()
            for number in range(3):
                await heir.reaches(f"job-{number}", "done")
    assert sorted(postgres_engines.results()) == [[f"job-{number}", "done"] for number in range(3)]


async def test_jobs_of_a_stopped_process_are_adopted_at_once(postgres_engines: Engines) -> None:
    """A process that was stopped in an orderly way says so: nobody waits until it counts as dead."""
    async with postgres_engines.running() as leaving:
        await leaving.ask("submit", "patient", "job")
        await postgres_engines.wait_for_calls(1)
        async with postgres_engines.running(dead_after=600) as heir:
            assert await leaving.ask("stop", 0) == "stopped"
            await leaving.kill()
            (postgres_engines.folder / "go").touch()
            await heir.reaches("job", "done")


async def test_lively_process_keeps_its_jobs(postgres_engines: Engines) -> None:
    """A long job of a process that gives signs of life is left alone."""
    async with postgres_engines.running() as owner:
        await owner.ask("submit", "patient", "job")
        await postgres_engines.wait_for_calls(1)
        async with postgres_engines.running():
            await asyncio.sleep(3)  # twice the silence after which a process counts as dead
            (postgres_engines.folder / "go").touch()
            await owner.reaches("job", "done")
    assert postgres_engines.calls() == [["job", "begun"]]


def test_silence_during_an_outage_is_nobodys_death() -> None:
    """Who was kept from speaking as well takes nobody's jobs, until the others had time to speak again."""
    signs = SignsOfLife(Heartbeat(every=5, dead_after=30))
    assert not signs.may_judge(0)
    signs.given(0)
    signs.given(5)
    assert signs.may_judge(9)
    assert not signs.may_judge(40), "the database has been away"
    signs.given(41)
    assert not signs.may_judge(42)
    for now in range(46, 72, 5):
        signs.given(now)
    assert signs.may_judge(72)
