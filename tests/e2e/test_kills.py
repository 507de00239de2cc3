"""Nothing is lost and nothing is said or paid twice, at whatever step a process dies."""

from __future__ import annotations

import random
from itertools import cycle, islice

import pytest

from tests.e2e.conftest import Town
from tests.job_kinds import KINDS
from tests.killing import Household, Killer, deaths, one_death_a_step, quick_fleet

SEED = "isthmus"
CASES_ON_POSTGRES = 10


@pytest.mark.timeout(900)  # Many bots are started one after the other, on machines that are shared.
@pytest.mark.parametrize("name", KINDS)
async def test_job_survives_a_death_at_each_of_its_steps(town: Town, name: str) -> None:
    """SIGKILL at each step that the engine records: the thread is as without it, no recorded call repeated.

    Each bot that is started after a death runs the next job, and dies of that.
    """
    async with Household.running(town) as household:
        killer = Killer(town, household, KINDS[name])
        clean = await killer.spared()
        wrongs = [
            wrong
            for death in one_death_a_step(clean, f"{SEED} {name}", whole_frame=name == "image")
            for wrong in (await killer.killed(clean, death)).wrongs
        ]
    assert not wrongs, "\n".join(wrongs)


@pytest.mark.timeout(900)
async def test_another_worker_goes_on_after_a_death(town: Town, postgres_url: str) -> None:
    """Two workers on Postgres, of which one dies: the other goes on, as a restarted bot would."""
    environment = quick_fleet(town, postgres_url)
    async with Household.running(town, "run", "worker", environment=environment) as household:
        killers = [
            Killer(town, household, kind, first=100 * number) for number, kind in enumerate(KINDS.values(), 1)
        ]
        cleans = [await killer.spared() for killer in killers]
        chance, wrongs = random.Random(SEED), list[str]()
        for killer, clean in islice(cycle(zip(killers, cleans, strict=True)), CASES_ON_POSTGRES):
            wrongs += (await killer.killed(clean, chance.choice(deaths(clean)))).wrongs
    assert not wrongs, "\n".join(wrongs)
