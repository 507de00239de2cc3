"""Background tasks end when they are told to."""

from __future__ import annotations

import asyncio

from services.tasks import Tasks


async def test_task_that_takes_its_end_for_an_error_ends() -> None:
    """What repeats itself for ever, and lost the cancellation to an error, is cancelled once more."""
    ends = 0

    async def repeat() -> None:
        nonlocal ends
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                ends += 1
                if ends > 1:
                    raise

    tasks = Tasks()
    task = tasks.start(repeat(), name="repeat")
    await asyncio.sleep(0)
    await tasks.aclose()
    assert (task.cancelled(), ends) == (True, 2)
