"""Shared places go round between servers, people before catch-up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from services.fair_slots import FairSlots, Share, on_behalf_of

CATCH_UP = 100


class Desk:
    """Lets work in, and notes in which order; what is inside ends only when told to."""

    def __init__(self, places: int) -> None:
        self.slots = FairSlots(places)
        self.served: list[str] = []
        self.arrivals: list[bool] = []
        self._ends: list[asyncio.Event] = []

    async def work(self, share: Share) -> None:
        with on_behalf_of(share):
            async with self.slots:
                self.served.append(share.server)
                self.arrivals.append(share.arrives)
                end = asyncio.Event()
                self._ends.append(end)
                await end.wait()

    async def end_first(self) -> None:
        self._ends.pop(0).set()
        await settle()


async def settle() -> None:
    """Let everything run that can."""
    for _ in range(10):
        await asyncio.sleep(0)


@asynccontextmanager
async def queued(desk: Desk, *shares: Share) -> AsyncGenerator[Sequence[asyncio.Task[None]]]:
    tasks = [asyncio.ensure_future(desk.work(share)) for share in shares]
    await settle()
    yield tasks
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_flood_lets_others_through_at_the_next_free_place() -> None:
    """One server holds all places and has more in line; another's only call is next."""
    desk = Desk(2)
    async with queued(desk, *[Share("flood")] * 8, Share("quiet")):
        await desk.end_first()
        assert desk.served == ["flood", "flood", "quiet"]


async def test_places_go_round() -> None:
    """Of several servers in line none is served twice before all were served once."""
    desk = Desk(1)
    async with queued(desk, *[Share("a")] * 3, *[Share("b")] * 3, *[Share("c")] * 3):
        for _ in range(8):
            await desk.end_first()
    assert [set(desk.served[start : start + 3]) for start in (0, 3, 6)] == [{"a", "b", "c"}] * 3


async def test_people_come_before_catch_up() -> None:
    """Also when the person's server already holds more places than the one that catches up."""
    desk = Desk(2)
    shares = [Share("busy"), Share("busy"), Share("late", CATCH_UP), Share("busy")]
    async with queued(desk, *shares):
        await desk.end_first()
        assert desk.served == ["busy", "busy", "busy"]
        await desk.end_first()
        assert desk.served[-1] == "late"


async def test_what_arrives_and_what_has_begun_take_turns() -> None:
    """A flood that arrives in a server does not hold back the jobs that run there."""
    desk = Desk(1)
    arriving, begun = Share("busy", arrives=True), Share("busy")
    async with queued(desk, *[arriving] * 6, begun, begun):
        for _ in range(4):
            await desk.end_first()
        waiting = desk.slots.waiting
    assert len(desk.served) == 5
    assert waiting == 3
    assert desk.arrivals[:5].count(False) == 2


async def test_who_gives_up_waiting_loses_no_place() -> None:
    """Cancelled in line, or at the very moment of being served: the place goes on to somebody else."""
    desk = Desk(1)
    async with queued(desk, Share("a"), Share("b"), Share("c"), Share("d")) as tasks:
        tasks[1].cancel()
        await settle()
        desk._ends[0].set()
        await asyncio.sleep(0)  # The place of "a" is granted to "c", which has not run since.
        tasks[2].cancel()
        await settle()
        assert desk.served == ["a", "d"]
    assert desk.slots.waiting == 0
    async with queued(desk, Share("a"), Share("b")):
        assert desk.served[2:] == ["a"]


async def test_a_stopped_job_gives_all_its_places_back() -> None:
    """Cancelled at once are the one that holds the place and the ones in line, as when an album is stopped."""
    desk = Desk(1)
    async with queued(desk, Share("a"), Share("a"), Share("b")) as tasks:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(each) for each in ends] == [asyncio.CancelledError] * 3
    async with queued(desk, Share("c")):
        assert desk.served == ["a", "c"]
