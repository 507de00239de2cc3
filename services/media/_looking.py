"""Looks through a video in two lanes at once; runs in sandbox children."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue

from services.media._decoding import Lane, Sighting, Visit
from services.media._packets import PacketTable
from services.media._shortlist import Shortlist
from services.media._survey import Plan, exact_visits

LANES = 2
LARGE_FRAME = 4_500_000
"""Pixels above which one decoder alone takes what memory a child has."""

Open = Callable[[], Lane]


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked for."""

    window: tuple[float, float]
    """From and to, in seconds of the file's clock."""
    count: int
    at: tuple[float, ...]
    """When not empty: just what is on the screen at these times."""
    max_gap: float
    pixels: int
    """Of a frame."""
    is_screen: bool


def look_through(table: PacketTable, scope: Scope, open_lane: Open) -> list[Sighting]:
    """Decode what promises to show something; return what was seen, in order of time.

    Args:
        table: Of the video.
        scope: What is looked for.
        open_lane: Called once a lane, in this thread.
    """
    # Without an index, only the container that was read through knows where keyframes are.
    count = LANES if table.is_indexed and scope.pixels <= LARGE_FRAME else 1
    lanes: SimpleQueue[Lane] = SimpleQueue()
    for _ in range(count):
        lanes.put(open_lane())

    def go(visit: Visit) -> list[Sighting]:
        lane = lanes.get()
        try:
            return _visit(lane, visit, table)
        finally:
            lanes.put(lane)

    def go_all(visits: Sequence[Visit], take: Callable[[list[Sighting]], None]) -> None:
        ordered = visits if table.is_indexed else sorted(visits, key=lambda one: one.group)
        for found in pool.map(go, ordered):
            take(found)

    with ThreadPoolExecutor(count) as pool:
        if scope.at:
            found: list[Sighting] = []
            go_all(exact_visits(table, scope.at), found.extend)
            by_time = {each.time: each for each in found}
            return [by_time[at] for at in sorted(by_time)]
        shortlist = Shortlist(is_screen=scope.is_screen, spacing=scope.max_gap / 4)
        plan = Plan(
            table, scope.window, scope.count, scope.pixels, max_gap=scope.max_gap, is_screen=scope.is_screen
        )
        go_all(plan.first_visits(), shortlist.add)
        go_all(plan.second_visits(shortlist.sightings()), shortlist.add)
        return shortlist.sightings()


def _visit(lane: Lane, visit: Visit, table: PacketTable) -> list[Sighting]:
    """Make a visit. What is shown just before a keyframe belongs to the group before it."""
    found = lane.visit(visit)
    if not visit.is_exact:
        return found
    early = [at for at in visit.times if not found or at + table.slack < found[0].time]
    if early and visit.group > 0:
        found = lane.visit(Visit(visit.group - 1, early, is_exact=True)) + found
    elif early:
        found = lane.visit(Visit(visit.group)) + found  # Before the first frame there is nothing else.
    return found
