"""A job's frame without an engine and without Discord: each step runs once, and what is posted is noted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from services.delivery import Delivery
from services.domain import JobRequest, Outcome, Place
from services.engine import Engine
from services.operating.metrics import Metrics
from services.store.stores import Stores
from services.workflows.job import JobFrame
from services.workflows.opening import PlaceOpener


class Steps:
    """An engine that runs each step once."""

    async def step(
        self, name: str, function: Callable[..., Awaitable[Any]], *arguments: Any, **_: object
    ) -> Any:
        assert name
        return await function(*arguments)

    async def fan_out(
        self, label: str, function: Callable[[Any], Awaitable[Any]], items: Sequence[Any], **_: object
    ) -> list[Any]:
        assert label
        return await asyncio.gather(*map(function, items))


@dataclass
class Harbour:
    """Discord, as far as the end of a job asks it."""

    deleted: set[int] = field(default_factory=set[int])
    delivered: list[Outcome] = field(default_factory=list[Outcome])
    taken_back: list[int] = field(default_factory=list[int])

    async def stands(self, channel_id: int, message_id: int) -> bool:
        return False  # The bot may not read the channel any more.

    async def is_deleted(self, channel_id: int, message_id: int) -> bool:
        assert channel_id
        return message_id in self.deleted

    async def deliver(
        self, request: JobRequest, place: Place, outcome: Outcome, *, in_place: bool
    ) -> list[int]:
        self.delivered.append(outcome)
        return [place.progress_message_id]

    async def take_back(self, channel_id: int, message_ids: Sequence[int]) -> None:
        self.taken_back += message_ids


def framed(stores: Stores, harbour: Harbour) -> JobFrame:
    """Return the frame of a process that begins now."""
    delivery = cast("Delivery", harbour)
    return JobFrame(
        engine=cast("Engine", Steps()),
        jobs=stores.jobs,
        opener=PlaceOpener(jobs=stores.jobs, delivery=delivery, patience=0.0),
        delivery=delivery,
        metrics=Metrics(),
    )
