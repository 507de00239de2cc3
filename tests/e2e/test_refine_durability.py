"""A refinement loses no round and pays none twice, whatever dies in between."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.bots import running_bot
from tests.e2e import refining
from tests.e2e.conftest import Town
from tests.e2e.refining import board, rounds
from tests.e2e.test_durability import recorded_steps

BEFORE = ("open_place", "load", "look", "judge#0", "post_file#0", "keep", "estimate", "reading", "describe")
ROUNDS = tuple(
    f"{step}#{number}" for number in (1, 2) for step in ("draw", "moderate", "compare", "post", "board")
)
AFTER = ("deliver", "finish")
STEPS = (*BEFORE, *ROUNDS, *AFTER)
BORDERS = [
    *(f"{step}:inside" for step in STEPS),
    *(f"{step}:before" for step in ("draw#1", "compare#2", "post#2")),
    "finish:after",
]


async def test_steps_at_whose_borders_bots_are_killed_are_all(town: Town) -> None:
    """What the engine records of a refinement is what the next test kills it at."""
    town.models.abilities = replace(town.models.abilities, poor_describer=True)
    async with running_bot(town.local, town.models, town.folder):
        response = await refining.commanded(town, refining.picture(), rounds="2")
        await board(town, response)
    assert recorded_steps(town) == set(STEPS)


@pytest.mark.parametrize("border", BORDERS)
async def test_killed_bot_makes_each_round_once(town: Town, border: str) -> None:
    """SIGKILL in a round: after the restart every round stands once, and no recorded call is paid again."""
    town.models.abilities = replace(town.models.abilities, poor_describer=True)
    killed = {"ISTHMUS_FAULT_KILL": border}
    async with running_bot(town.local, town.models, town.folder, environment=killed) as bot:
        response = await refining.commanded(town, refining.picture(), rounds="2")
        assert await bot.ended() == -9
    recorded = recorded_steps(town)
    async with running_bot(town.local, town.models, town.folder):
        await board(town, response)

    assert [each.text.splitlines()[0][:11] for each in rounds(town, response)] == ["### Round 1", "### Round 2"]
    thread = town.local.thread_of(response)
    assert thread is not None
    assert len([each for each in town.local.messages(thread) if ":rfmore:" in str(each.custom_ids())]) == 1
    prompts = refining.drawn(town)
    first, second = dict.fromkeys(prompts)
    judged = [each for each in town.models.calls if len(each.sights) == 2 and each.status == 200]
    calls = {"draw#1": prompts.count(first), "draw#2": prompts.count(second)}
    calls |= {
        f"compare#{number}": len([each for each in judged if prompt in each.text])
        for number, prompt in enumerate((first, second), 1)
    }
    for step, count in calls.items():
        assert 1 <= count <= 2, f"{step} was under way once at most"
        assert step not in recorded or count == 1, f"{step} was recorded and is not paid again"
