"""Requests to Discord are paced for all processes together, the most urgent first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence

import pytest

from services.fair_slots import Share, on_behalf_of
from services.rest_budget import (
    BURST,
    FIRST_SIGN_EVERY,
    OwnTimeline,
    RestBudget,
    SharedTimeline,
    Urgency,
    make_rest_budget,
)
from services.settings import BotSettings, DiscordSettings, Settings
from services.store.database import Database

RATE = 50.0 - BURST


class Gate:
    """A timeline on which no place comes before it is opened."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.reserved: list[int] = []
        self.fails = False

    async def reserve(self, places: int) -> float:
        self.reserved.append(places)
        await self.open.wait()
        if self.fails:
            raise ConnectionError
        return -60.0

    async def aclose(self) -> None:
        """Nothing was opened."""


@pytest.fixture
async def database(postgres_url: str) -> AsyncGenerator[Database]:
    database = Database(postgres_url)
    await database.migrate()
    yield database
    await database.aclose()


async def test_no_second_holds_more_than_the_limit() -> None:
    """After a pause a few may come at once; then they are spaced, and never more than 50 in any second."""
    now = [1000.0]
    timeline = OwnTimeline(RATE, now=lambda: now[0])
    starts = [now[0] + max(await timeline.reserve(1), 0) for _ in range(200)]
    assert sum(start == 1000.0 for start in starts) == BURST
    assert max(sum(first <= each < first + 1 for each in starts) for first in starts) <= 50
    assert starts[-1] == pytest.approx(1000 + (200 - BURST) / RATE)
    now[0] += 100
    assert await timeline.reserve(1) == pytest.approx(-(BURST - 1) / RATE)


async def test_processes_share_one_timeline(database: Database, postgres_url: str) -> None:
    """Reservations of several processes at once never overlap, also when none was made before."""
    other = Database(postgres_url)
    timelines = [SharedTimeline(each, 10.0) for each in (database, other)]
    begun = time.time()
    waits = await asyncio.gather(*(timelines[number % 2].reserve(5) for number in range(8)))
    await other.aclose()
    first, *_, last = sorted(waits)
    assert first < 0.1
    # Eight times half a second in a row; measured at different moments, hence the room.
    assert last - first == pytest.approx(3.5, abs=time.time() - begun)


async def granted(asked: Sequence[Urgency]) -> list[Urgency]:
    """Ask for all of these in this order, at once; return the order in which they are let through."""
    gate = Gate()
    budget = RestBudget(gate, gate, 1000.0)
    order: list[Urgency] = []

    async def ask(urgency: Urgency) -> None:
        await budget.turn(urgency)
        order.append(urgency)

    tasks = [asyncio.ensure_future(ask(each)) for each in asked]
    await asyncio.sleep(0)
    gate.open.set()
    await asyncio.gather(*tasks)
    assert budget.view().requests == len(asked)
    return order


async def test_what_has_begun_goes_first() -> None:
    """A result, or a thread's first word, comes before threads of others, however long those have waited."""
    asked = [Urgency.PROGRESS, *[Urgency.FIRST_SIGN] * 40, Urgency.USUAL, Urgency.FIRST_SIGN, Urgency.USUAL]
    assert await granted(asked) == sorted(asked)


async def test_first_signs_get_their_part_of_the_places() -> None:
    """However many results there are: one place of four."""
    order = await granted([*[Urgency.USUAL] * 40, *[Urgency.FIRST_SIGN] * 5])
    places = [number for number, each in enumerate(order, 1) if each is Urgency.FIRST_SIGN]
    assert places == [FIRST_SIGN_EVERY * each for each in range(1, 6)]


async def order_of(asked: Sequence[tuple[str, Urgency]]) -> list[tuple[str, Urgency]]:
    """Ask on behalf of servers, in this order, at once; return the order in which they are let through."""
    gate = Gate()
    budget = RestBudget(gate, gate, 1000.0)
    order: list[tuple[str, Urgency]] = []

    async def ask(server: str, urgency: Urgency) -> None:
        with on_behalf_of(Share(server)):
            await budget.turn(urgency)
        order.append((server, urgency))

    tasks = [asyncio.ensure_future(ask(*each)) for each in asked]
    await asyncio.sleep(0)
    gate.open.set()
    await asyncio.gather(*tasks)
    return order


async def test_a_flood_of_first_signs_keeps_nobody_back() -> None:
    """Servers take turns, and whatever has begun in any of them goes before what would begin."""
    flood = [("busy", Urgency.FIRST_SIGN)] * 40
    quiet = [("quiet", Urgency.FIRST_SIGN), ("third", Urgency.USUAL)]
    order = await order_of([*flood, *quiet])
    assert order.index(("third", Urgency.USUAL)) == 0
    assert order.index(("quiet", Urgency.FIRST_SIGN)) <= 2


async def test_results_of_servers_take_turns() -> None:
    """One that posts many at a time does not keep another's only one back."""
    order = await order_of([*[("busy", Urgency.USUAL)] * 40, ("quiet", Urgency.USUAL)])
    assert order.index(("quiet", Urgency.USUAL)) <= 1


async def test_room_is_awaited_until_the_line_is_short() -> None:
    """Whoever is not taken on yet waits while first signs would have to wait for more than a second."""
    gate = Gate()
    budget = RestBudget(gate, gate, 50.0)
    await asyncio.wait_for(budget.until_room(), 5)
    tasks = [asyncio.ensure_future(budget.turn(Urgency.FIRST_SIGN)) for _ in range(60)]
    await asyncio.sleep(0)
    waiting = asyncio.ensure_future(budget.until_room())
    done, _ = await asyncio.wait([waiting], timeout=0.2)
    assert not done
    gate.open.set()
    await asyncio.wait_for(waiting, 5)
    await asyncio.gather(*tasks)


async def test_what_is_only_nice_to_have_is_left_out_when_it_is_tight() -> None:
    """With more than a second of requests in line; and no longer, once they are through."""
    gate = Gate()
    budget = RestBudget(gate, gate, 50.0)
    assert not budget.is_tight
    tasks = [asyncio.ensure_future(budget.turn(Urgency.USUAL)) for _ in range(60)]
    await asyncio.sleep(0)
    assert budget.is_tight
    gate.open.set()
    await asyncio.gather(*tasks)
    await asyncio.sleep(0)
    assert not budget.is_tight


async def test_given_up_requests_take_no_place() -> None:
    """Cancelled in line: the place is somebody else's."""
    gate = Gate()
    budget = RestBudget(gate, gate, 50.0)
    given_up, other = (asyncio.ensure_future(budget.turn(Urgency.USUAL)) for _ in range(2))
    await asyncio.sleep(0)
    given_up.cancel()
    gate.open.set()
    await other
    assert budget.view().requests == 1


async def test_without_the_database_a_process_goes_on_alone() -> None:
    """It asks at a part of the rate, by a timeline of its own, and asks the shared one again later."""
    gate, spare = Gate(), Gate()
    gate.fails = True
    gate.open.set()
    spare.open.set()
    budget = RestBudget(gate, spare, 50.0)
    await budget.turn(Urgency.USUAL)
    await budget.turn(Urgency.USUAL)
    assert spare.reserved == [1, 1]
    assert gate.reserved == [1]


async def test_a_limit_over_all_stops_everyone() -> None:
    """Answered 429 for all routes: as long as Discord says, nobody gets a place."""
    timeline = OwnTimeline(RATE)
    budget = RestBudget(timeline, timeline, RATE)
    await budget.refused(2.0, for_all=True)
    assert await timeline.reserve(1) == pytest.approx(2.0, abs=0.5)
    assert budget.view().limited == 1


async def test_a_busy_process_reserves_ahead(database: Database, postgres_url: str) -> None:
    """So that the shared timeline is not asked once a request."""
    gate = Gate()
    gate.open.set()
    budget = RestBudget(gate, gate, 1000.0)
    for _ in range(40):
        await budget.turn(Urgency.USUAL)
    assert max(gate.reserved) == 5
    settings = Settings(bot=BotSettings(database_url=postgres_url), discord=DiscordSettings())
    real = make_rest_budget(settings)
    await real.turn(Urgency.USUAL)
    assert await SharedTimeline(database, RATE).reserve(1) > -BURST / RATE
    await real.aclose()
