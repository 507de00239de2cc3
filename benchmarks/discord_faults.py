"""Lets Discord fail in every way at every call that a job makes, one call a job.

    ./dev bench discord_faults [--only image]

The calls are those of a job without faults. Ways: 500, 502, 503, a connection that breaks before and after
the call was carried out, 429 with and without `Via`, an interaction's token that has expired, a thread that
is deleted, archived, locked or both a moment before, and the right to post that is lost a moment before.
Every job must end in one final message, or quietly where nothing may be posted. Ends with a table, and with
status 1 if anything was wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.bots import running_bot
from tests.discord_troubles import TROUBLES, Troublemaker
from tests.e2e.conftest import founded
from tests.engine_records import EngineRecords
from tests.job_kinds import COMMAND, KINDS, JobKind
from tests.killing import unlimited

ALL_KINDS = {**KINDS, COMMAND.name: COMMAND}


async def trouble(kind: JobKind) -> tuple[int, Counter[str], Counter[str]]:
    """Run a kind of job through all troubles; return its calls, the cases and what went wrong, by trouble."""
    cases: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            founded(folder) as town,
            running_bot(town.local, town.models, folder, environment=unlimited(town)),
        ):
            records = EngineRecords(f"sqlite:///{folder / 'data' / 'isthmus-engine.db'}")
            troublemaker = Troublemaker(town, records, kind)
            possible = await troublemaker.spared()
            for case in possible:
                cases[case.trouble.name] += 1
                for each in await troublemaker.troubled(case):
                    wrong[case.trouble.name] += 1
                    print(f"WRONG: {each}", file=sys.stderr)
    return len({each.call for each in possible}), cases, wrong


async def main() -> int:
    """Run all kinds and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", choices=ALL_KINDS, action="append", help="only these kinds of jobs")
    arguments = parser.parse_args()
    is_good = True
    names = [each.name for each in TROUBLES]
    print(f"| job | calls | {' | '.join(names)} | s |")
    print("|---|" + "---:|" * (len(names) + 2))
    for kind in arguments.only or ALL_KINDS:
        started = time.monotonic()
        calls, cases, wrong = await trouble(ALL_KINDS[kind])
        good = [f"{cases[each] - wrong[each]}/{cases[each]}" for each in names]
        print(f"| {kind} | {calls} | {' | '.join(good)} | {time.monotonic() - started:.0f} |", flush=True)
        is_good = is_good and not wrong
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
