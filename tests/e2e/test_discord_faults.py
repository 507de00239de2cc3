"""However Discord fails at whatever call, a job ends in one final message, or quietly where none may be."""

from __future__ import annotations

import random
from collections import defaultdict

from tests.bots import running_bot
from tests.discord_troubles import Case, Troublemaker
from tests.e2e.conftest import Town
from tests.engine_records import EngineRecords
from tests.job_kinds import COMMAND, KINDS

SEED = "isthmus"


async def test_job_survives_each_trouble_at_one_of_its_calls(town: Town) -> None:
    """One bot, a job for each trouble, at a call that the seed chooses among all that such jobs make."""
    chance = random.Random(SEED)
    wrongs: list[str] = []
    async with running_bot(town.local, town.models, town.folder):
        records = EngineRecords(f"sqlite:///{town.folder / 'data' / 'isthmus-engine.db'}")
        possible: defaultdict[str, list[tuple[Troublemaker, Case]]] = defaultdict(list)
        for number, kind in enumerate((KINDS["image"], COMMAND, KINDS["follow-up"])):
            troublemaker = Troublemaker(town, records, kind, first=100 * number + 1)
            for case in await troublemaker.spared():
                possible[case.trouble.name].append((troublemaker, case))
        for cases in possible.values():
            troublemaker, case = chance.choice(cases)
            wrongs += await troublemaker.troubled(case)
    assert not wrongs, "\n".join(wrongs)
