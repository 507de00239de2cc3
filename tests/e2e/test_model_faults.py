"""However model servers fail, every job ends in an answer or one sentence, and no budget is passed."""

from __future__ import annotations

from tests.bots import running_bot
from tests.e2e.conftest import Town
from tests.model_troubles import Weather, budgets, mixed_jobs, spent

JOBS = 30
CAP_USD = 0.4
"""Reached towards the end: a call of a model without a price counts as a cent."""


async def test_every_job_ends_while_a_fifth_of_the_calls_fail(town: Town) -> None:
    """Thirty mixed jobs: each ends once; in the end nothing is paid any more; the cap of the day holds."""
    weather = Weather(town, seed="isthmus")
    async with running_bot(town.local, town.models, town.folder, environment=budgets(town.folder, CAP_USD)):
        wrongs = await mixed_jobs(town, JOBS, weather)
    assert not wrongs, "\n".join(wrongs)
    assert weather.struck.total() >= 5, "some calls failed"
    assert spent(town.folder / "data") <= CAP_USD
