"""Nothing is lost and nothing is said or paid twice, at whatever step a process dies."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Town
from tests.job_kinds import KINDS
from tests.killing import Household, Killer, one_death_a_step

SEED = "isthmus"


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
            for death in one_death_a_step(clean, f"{SEED} {name}")
            for wrong in await killer.killed(clean, death)
        ]
    assert not wrongs
