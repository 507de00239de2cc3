"""Lets Discord fail at every call that a job makes, one call a time, and says what was wrong afterwards.

The calls are those of a job without faults, so none can be left out.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from playground.discord import Fault
from playground.discord.faults import Action
from playground.discord.state import Channel, Message
from playground.discord.state.kinds import SYSTEM_MESSAGES
from services.permissions import Permission
from tests.bots import LIMIT_SECONDS
from tests.e2e.conftest import Town
from tests.engine_records import ENDED, EngineRecords
from tests.job_kinds import JobKind
from tests.killing import Shape, cards, shape

POLL_SECONDS = 0.05
_NUMBER = re.compile(r"\d{5,}")
_TO_SPEAK = Permission.SEND_MESSAGES | Permission.SEND_MESSAGES_IN_THREADS | Permission.CREATE_PUBLIC_THREADS
_TOKEN = re.compile(r"(?<=/)[^/]{30,}(?=/)")


@dataclass(frozen=True, slots=True)
class RestCall:
    """A call of a job: the nth of those with the same method and the same path but for ids."""

    method: str
    path: str
    """A regular expression."""
    nth: int

    def __str__(self) -> str:
        shown = self.path.strip("^$").replace(r"\d+", "N").replace("[^/]+", "T")
        return f"{self.method} {shown}" + (f" ({self.nth + 1})" if self.nth else "")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A way in which a call can fail.

    Attributes:
        lasts: It stays so; otherwise only this one call is hit.
        befalls: What happens a moment before the call, to the job's thread; None: the call itself fails.
        needs_thread: It cannot happen before the job has a thread.
        silences: Whether a job may end quietly; "without card": only if it had not spoken yet.
        seals: Whether not even what stands may be deleted.
        of_tokens: It can only befall calls by the token of an interaction.
    """

    name: str
    action: Action = "event"
    status: int = 500
    code: int = 0
    lasts: bool = False
    befalls: Callable[[Town, Channel | None], object] | None = None
    needs_thread: bool = True
    silences: Literal["never", "always", "without card"] = "never"
    seals: bool = False
    of_tokens: bool = False

    def concerns(self, call: RestCall) -> bool:
        """Tell whether it can befall a call."""
        return not self.of_tokens or call.path.startswith("^/webhooks/")


def _change(*, archived: bool = False, locked: bool = False) -> Callable[[Town, Channel | None], None]:
    def change(town: Town, thread: Channel | None) -> None:
        assert thread is not None
        thread.archived, thread.locked = archived, locked
        town.local.world.update_channel(thread)

    return change


def _delete(town: Town, thread: Channel | None) -> None:
    assert thread is not None
    town.local.remove_channel(thread)


def _forbid(town: Town, thread: Channel | None) -> None:
    del thread  # Rights are those of its parent.
    town.local.deny(town.channel, town.local.world.app, _TO_SPEAK)


def _permit(town: Town) -> None:
    town.local.allow(town.channel, town.local.world.app, _TO_SPEAK)


TROUBLES = (
    Trouble("500", "status", 500),
    Trouble("502", "status", 502),
    Trouble("503", "status", 503),
    Trouble("reset", "reset"),
    Trouble("answer lost", "lost_answer"),
    Trouble("429", "rate_limit"),
    Trouble("429 without Via", "cloudflare"),
    Trouble("expired token", "status", 401, 50027, lasts=True, of_tokens=True),
    Trouble("deleted thread", befalls=_delete, silences="always"),
    Trouble("lost permission", befalls=_forbid, needs_thread=False, silences="without card"),
    Trouble("archived thread", befalls=_change(archived=True)),
    Trouble("locked thread", befalls=_change(locked=True), silences="always"),
    Trouble("sealed thread", befalls=_change(archived=True, locked=True), silences="always", seals=True),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One trouble at one call."""

    call: RestCall
    trouble: Trouble

    def __str__(self) -> str:
        return f"{self.trouble.name} at {self.call}"


class Troublemaker:
    """Runs jobs of one kind against one bot, each with another trouble.

    Args:
        records: Of the bot's engine.
        first: Number of the first job.
    """

    def __init__(self, town: Town, records: EngineRecords, kind: JobKind, *, first: int = 1) -> None:
        self._town = town
        self._records = records
        self._kind = kind
        self._number = first
        self._clean: tuple[Shape, ...] = ()

    async def spared(self) -> list[Case]:
        """Run a job without trouble; return every trouble that can befall such a job."""
        await self._prepare()
        before, made = self._standing(), len(self._town.local.requests)
        await self._run()
        self._clean = self._new(before)
        seen: Counter[tuple[str, str]] = Counter()
        calls: list[RestCall] = []
        for each in self._town.local.requests[made:]:
            path = "^" + _TOKEN.sub("[^/]+", _NUMBER.sub(r"\\d+", each.path)) + "$"
            calls.append(RestCall(each.method, path, seen[each.method, path]))
            seen[each.method, path] += 1
        # Where the bot cannot say that a command has arrived, nothing is asked: Discord tells the person.
        calls = [each for each in calls if not each.path.endswith("/callback$")]
        return [Case(call, trouble) for call in calls for trouble in TROUBLES if trouble.concerns(call)]

    async def troubled(self, case: Case) -> list[str]:
        """Run a job with trouble; return what was wrong."""
        town, trouble = self._town, case.trouble
        await self._prepare()
        before, channels = self._standing(), set(town.local.world.channels)
        befallen: list[Channel | None] = []
        had_card = False

        def befall() -> None:
            nonlocal had_card
            new = [each for each in town.local.world.channels.values() if each.id not in channels]
            thread = new[0] if new else None
            if trouble.befalls is not None and (thread is not None or not trouble.needs_thread):
                had_card = bool(cards(town))
                befallen.append(thread)
                trouble.befalls(town, thread)

        town.local.faults.add(
            Fault(
                case.call.method,
                case.call.path,
                trouble.action,
                status=trouble.status,
                code=trouble.code,
                after=case.call.nth,
                times=99 if trouble.lasts else 1,
                happens=befall,
            )
        )
        try:
            await self._run()
        finally:
            town.local.faults.clear()
            _permit(town)
        if befallen or trouble.lasts:
            may_be_quiet = trouble.silences == "always" or (trouble.silences != "never" and not had_card)
            wrongs = self._wrongs(self._new(before), may_be_quiet=may_be_quiet, seals=trouble.seals)
        else:
            wrongs = self._changes(self._new(before))
        for channel in befallen:  # What may not be changed any more is no concern of the next job.
            if channel is not None:
                town.local.world.channels.pop(channel.id, None)
        return [f"{self._kind.name}, {case}: {each}" for each in wrongs]

    def _changes(self, posted: tuple[Shape, ...]) -> list[str]:
        """Say what is not as it is without trouble."""
        return [] if posted == self._clean else [f"{posted} stands and not {self._clean}"]

    def _wrongs(self, posted: tuple[Shape, ...], *, may_be_quiet: bool, seals: bool) -> list[str]:
        """Say what must not be, where the place has changed."""
        wrongs: list[str] = []
        if not seals and cards(self._town):
            wrongs.append("a progress card is left")
        finals = [each for each in posted if "stop" not in each.buttons]
        if not (0 if may_be_quiet else 1) <= len(finals) <= len(self._clean):
            wrongs.append(f"{len(finals)} messages stand: {posted}")
        return wrongs

    async def _prepare(self) -> None:
        self._number += 1
        if self._kind.prepare is not None:
            await self._kind.prepare(self._town, self._number)
            await self._until_ended(set(), at_least=0)  # Not every preparation is a job.

    async def _run(self) -> None:
        known = set(self._records.jobs())
        await self._kind.ask(self._town, self._number)
        await self._until_ended(known)

    async def _until_ended(self, known: set[str], *, at_least: int = 1) -> None:
        """Wait until there are jobs that are not among the known ones, and all of them have ended."""
        jobs: dict[str, str] = {}
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                while True:
                    jobs = {job: state for job, state in self._records.jobs().items() if job not in known}
                    if len(jobs) >= at_least and all(state in ENDED for state in jobs.values()):
                        return
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            raise AssertionError(f"{self._kind.name}: no end of {jobs or 'what was asked for'}") from None

    def _messages(self) -> list[Message]:
        channels = self._town.local.world.channels.values()
        everything = chain.from_iterable(channel.messages.values() for channel in channels)
        return [
            each
            for each in everything
            if each.author.bot and each.visible_to is None and each.type not in SYSTEM_MESSAGES
        ]

    def _standing(self) -> set[int]:
        return {each.id for each in self._messages()}

    def _new(self, before: set[int]) -> tuple[Shape, ...]:
        """Return what the bot has said since then, wherever."""
        new = [each for each in self._messages() if each.id not in before]
        return tuple(shape(each) for each in sorted(new, key=lambda each: each.id))
