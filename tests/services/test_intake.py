"""Who waits at the door in a flood, and who does not."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from services.domain import JobRequest, Origin, Place
from services.rest_budget import OwnTimeline, RestBudget, Urgency
from services.workflows.intake import AT_THE_DOOR, Intake

PLACE = Place(77, 101, is_thread=True)


class House:
    """Everything that an intake talks to; takes whatever comes."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def check(self) -> None:
        """No pause."""

    async def refresh(self) -> None:
        """The line is as it was."""

    async def admit(self, *_: object) -> float | None:
        return 0.0

    async def submit(self, request: JobRequest, **_: object) -> bool:
        self.taken.append(request.job_id)
        return True

    async def open(self, *_: object, **__: object) -> Place:
        return PLACE


def request(name: str, server: int = 1) -> JobRequest:
    return JobRequest(name, "read_post", 5, Origin(server, 77, 100, True))


async def test_posts_wait_until_discord_would_let_anybody_know_of_them() -> None:
    """Commands and buttons do not: nobody would catch them up. Servers take turns at the door."""
    house = cast("Any", House())
    slow = OwnTimeline(1.0)
    rest = RestBudget(slow, slow, 1.0)
    intake = Intake(engine=house, opener=house, budget=house, line=house, pause=house, rest=rest)
    await slow.reserve(60)
    flood = asyncio.ensure_future(rest.turn(Urgency.FIRST_SIGN))
    await asyncio.sleep(0)
    names = [f"busy-{number}" for number in range(3 * AT_THE_DOOR)]
    posts = [asyncio.ensure_future(intake.accept(request(each), may_wait=True)) for each in names]
    posts.append(asyncio.ensure_future(intake.accept(request("quiet", 2), may_wait=True)))
    await asyncio.sleep(0.1)
    assert house.taken == []
    assert await intake.accept(request("command")) == PLACE
    assert house.taken == ["command"]
    flood.cancel()
    await rest.aclose()  # What waited for a place on the timeline has gone, and there is room.
    async with asyncio.timeout(10):
        assert await asyncio.gather(*posts) == [PLACE] * len(posts)
    assert house.taken.index("quiet") <= AT_THE_DOOR + 1
    assert sorted(house.taken) == sorted([*names, "quiet", "command"])
