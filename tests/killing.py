"""Kills bots at the steps of jobs, starts them again, and says what was wrong afterwards.

The steps are those that the engine records of a job without faults, so none can be left out.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playground.discord.state import Message
from playground.models import ModelCall
from tests.bots import LIMIT_SECONDS, BotProcess, running_bot
from tests.e2e.conftest import Town
from tests.engine_records import ENDED, EngineRecords, RecordedStep
from tests.job_kinds import JobKind, Outcome

MOMENTS = ("before", "inside", "after")
POSTED = "posted"
"""Within the delivery: the outcome stands, and nothing says so yet."""
FRAME_STEPS = ("open_place", "deliver")
FREE_STEPS = frozenset({"sheet"})
"""Steps that run beside paid ones and pay nothing themselves."""
POLL_SECONDS = 0.2
"""Each look at the records opens a connection of its own."""
NO_LIMITS = """
[discord]
identifies_in_a_row = 10_000
[budgets]
person_usd = 0
server_usd = 0
total_usd = 0
person_requests = 0
[queue]
person_jobs = 0
channel_jobs = 0
server_jobs = 0
total_jobs = 0
"""
"""A few people ask for everything here, and the bot starts more often than in real life."""
QUICK_FLEET = "[engine]\nheartbeat_seconds = 0.5\ndead_after_seconds = 5.0\n"
"""A busy machine may be late, but not as late as that."""
_MENTION_OF_TIME = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Death:
    """Where a process kills itself."""

    step: str
    moment: str

    def __str__(self) -> str:
        return f"{self.step}:{self.moment}"


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What a death led to.

    Attributes:
        wrongs: What must not be.
        repeated: Model calls that were made once more.
        in_flight: Model calls of steps that were not recorded when the process died.
    """

    wrongs: tuple[str, ...]
    repeated: int
    in_flight: int


@dataclass(frozen=True, slots=True)
class Shape:
    """A message without what differs from job to job: its numbers."""

    text: str
    files: tuple[str, ...]
    buttons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """What one job did: its thread at the end, its recorded steps and its paid calls."""

    thread: tuple[Shape, ...]
    steps: tuple[RecordedStep, ...]
    calls: tuple[ModelCall, ...]

    def calls_of_steps(self) -> dict[str, int]:
        """Return how many calls each step made; of those that ran at once each made as many as the others."""
        made: Counter[str] = Counter()
        for group in _at_once(self.steps):
            names = [each.name for each in group if each.label not in FREE_STEPS]
            start, end = min(each.started for each in group), max(each.ended for each in group)
            offset = time.time() - time.monotonic()
            calls = [each for each in self.calls if start <= each.started + offset < end + 0.001]
            assert not calls or len(calls) % len(names) == 0, f"{names} shared {len(calls)} calls"
            made.update({name: len(calls) // len(names) for name in names})
        assert made.total() == len(self.calls), "every call belongs to a step"
        return made


class Household:
    """The processes of one bot; whoever dies is replaced.

    Attributes:
        order: The file in which the next death is ordered.
        records: What their engine has recorded.
    """

    def __init__(self, town: Town, commands: Sequence[str], environment: dict[str, str]) -> None:
        self._town = town
        self._stack = AsyncExitStack()
        self.order = town.folder / "death"
        self._environment = {"ISTHMUS_FAULT_KILL": f"@{self.order}", **unlimited(town), **environment}
        self._commands = commands
        self._bots: dict[BotProcess, str] = {}
        url = environment.get("ISTHMUS_DATABASE_URL")
        self.records = EngineRecords(url or f"sqlite:///{town.folder / 'data' / 'isthmus-engine.db'}")

    @classmethod
    @asynccontextmanager
    async def running(
        cls, town: Town, *commands: str, environment: dict[str, str] | None = None
    ) -> AsyncGenerator[Household]:
        """Run a process for each command (`run` alone where none is given) until the block is left."""
        household = cls(town, commands or ("run",), environment or {})
        async with household._stack:
            for command in household._commands:
                await household._start(command)
            yield household

    async def death(self) -> str:
        """Wait until one of the processes has killed itself; return its command."""
        ends = {asyncio.ensure_future(bot.ended()): bot for bot in self._bots}
        done, pending = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for each in pending:
            each.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        [dead] = done
        status = await dead
        assert status == -9, f"a process ended by itself ({status}):\n{ends[dead].log.read_text()}"
        return self._bots.pop(ends[dead])

    async def replace(self, command: str) -> None:
        """Start another process in the place of the dead one."""
        await self._start(command)

    async def _start(self, command: str) -> None:
        bot = await self._stack.enter_async_context(
            running_bot(
                self._town.local,
                self._town.models,
                self._town.folder,
                command=command,
                environment=self._environment,
            )
        )
        self._bots[bot] = command


class Killer:
    """Asks a household for jobs of one kind, with and without a death in the middle."""

    def __init__(self, town: Town, household: Household, kind: JobKind, *, first: int = 1) -> None:
        self._town = town
        self._household = household
        self._kind = kind
        self._number = first

    async def spared(self) -> Course:
        """Run a job to its end without a fault."""
        known, calls = await self._prepared()
        outcome = await self._ask()
        [job_id] = await self._until_ended(known)
        return self._course(job_id, outcome(), calls)

    async def killed(self, clean: Course, death: Death) -> Aftermath:
        """Run a job that dies once."""
        records = self._household.records
        known, calls = await self._prepared()
        order = self._household.order
        order.with_suffix(".new").write_text(str(death))
        order.with_suffix(".new").rename(order)
        outcome = await self._ask()
        async with asyncio.timeout(LIMIT_SECONDS):
            command = await self._household.death()
        [job_id] = set(records.jobs()) - known
        before = self._course(job_id, [], calls)
        await self._household.replace(command)
        await self._until_ended(known)
        after = self._course(job_id, outcome(), calls)
        made = clean.calls_of_steps()
        in_flight = len(before.calls) - sum(made[each.name] for each in before.steps)
        repeated = len(after.calls) - len(clean.calls)
        wrongs = self._wrongs(clean, after)
        if not 0 <= repeated <= in_flight:
            names = [each.name for each in before.steps]
            wrongs.append(f"{repeated} calls more, but {in_flight} were in flight; recorded were {names}")
        told = tuple(f"{self._kind.name} {death}: {each}" for each in wrongs)
        return Aftermath(told, repeated, in_flight)

    def _wrongs(self, clean: Course, after: Course) -> list[str]:
        wrongs: list[str] = []
        if after.thread != clean.thread:
            wrongs.append(f"the thread is {after.thread} and not {clean.thread}")
        if orphans := cards(self._town):
            wrongs.append(f"{len(orphans)} progress cards are left")
        counts = Counter(each.digest for each in after.calls).values()
        if any(count > 2 for count in counts):
            wrongs.append("a call was made three times")
        return wrongs

    async def _prepared(self) -> tuple[set[str], int]:
        """Make what the next job needs; return the jobs that are known then, and the number of calls."""
        self._number += 1
        if self._kind.prepare is not None:
            await self._kind.prepare(self._town, self._number)
            await self._until_ended(set(), least=0)
        return set(self._household.records.jobs()), len(self._town.models.calls)

    async def _ask(self) -> Outcome:
        return await self._kind.ask(self._town, self._number)

    async def _until_ended(self, known: set[str], *, least: int = 1) -> set[str]:
        """Wait until every job that is not among the known ones has ended; return their ids."""
        async with asyncio.timeout(LIMIT_SECONDS):
            while True:
                jobs = {job: state for job, state in self._household.records.jobs().items() if job not in known}
                if len(jobs) >= least and all(state in ENDED for state in jobs.values()):
                    return set(jobs)
                await asyncio.sleep(POLL_SECONDS)

    def _course(self, job_id: str, thread: Sequence[Message], first_call: int) -> Course:
        calls = [each for each in self._town.models.calls[first_call:] if each.status == 200]
        steps = self._household.records.steps(job_id)
        return Course(tuple(map(shape, thread)), tuple(steps), tuple(calls))


def quick_fleet(town: Town, postgres_url: str) -> dict[str, str]:
    """Return the environment of processes that share a database and notice soon that one of them is dead."""
    config = town.folder / "fleet.toml"
    config.write_text(NO_LIMITS + QUICK_FLEET)
    return {
        "ISTHMUS_CONFIG": str(config),
        "ISTHMUS_DATABASE_URL": postgres_url,
        "ISTHMUS_SECRET_KEY": "shared by the fleet",
    }


def unlimited(town: Town) -> dict[str, str]:
    """Return the environment of a bot that spends what it is asked to."""
    config = town.folder / "unlimited.toml"
    config.write_text(NO_LIMITS)
    return {"ISTHMUS_CONFIG": str(config)}


def shape(message: Message) -> Shape:
    """Return what a message has in common with that of an equal job."""
    names = (Path(each.filename) for each in message.attachments)
    return Shape(
        text=_MENTION_OF_TIME.sub("0", message.text),
        files=tuple(sorted(_MENTION_OF_TIME.sub("0", each.name) for each in names)),
        buttons=tuple(each.split(":")[1] for each in message.custom_ids()),
    )


def cards(town: Town) -> list[Message]:
    """Return the progress cards that stand anywhere."""
    return [
        message
        for channel in town.local.world.channels.values()
        for message in channel.messages.values()
        if any(":stop:" in each for each in message.custom_ids())
    ]


def deaths(clean: Course) -> list[Death]:
    """Return every moment at which such a job can die."""
    usual = [Death(step.name, moment) for step in clean.steps for moment in MOMENTS]
    return [*usual, Death("deliver", POSTED)]


def one_death_a_step(clean: Course, seed: str, *, whole_frame: bool) -> list[Death]:
    """Return one death for each label, at a moment (and of a fan-out at a step) that the seed chooses.

    Args:
        whole_frame: Of the steps that all jobs have in common take all; otherwise one of them.
    """
    chance = random.Random(seed)
    labels: defaultdict[str, list[str]] = defaultdict(list)
    for step in clean.steps:
        labels[step.label].append(step.name)
    spared = set[str]() if whole_frame else set(FRAME_STEPS) - {chance.choice(FRAME_STEPS)}
    chosen = [names for label, names in labels.items() if label not in spared]
    moments = {"deliver": (*MOMENTS, POSTED)}
    names = [chance.choice(each) for each in chosen]
    return [Death(each, chance.choice(moments.get(each, MOMENTS))) for each in names]


def _at_once(steps: Sequence[RecordedStep]) -> list[list[RecordedStep]]:
    """Return the steps in groups: those whose times overlap are in one."""
    groups: list[list[RecordedStep]] = []
    end = 0.0
    for step in sorted(steps, key=lambda each: each.started):
        if groups and step.started < end:
            groups[-1].append(step)
        else:
            groups.append([step])
        end = max(end, step.ended)
    return groups
