"""`bot.py jobs`: what an operator can ask about jobs and data, beside a running bot or without one."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy
import sqlalchemy.exc

from services.configuration import load_settings
from services.engine_records import EngineRecords
from services.errors import ConfigurationError
from services.media.cache import MediaCache
from services.operating import job_texts
from services.operating.desk import OperatorDesk, RefusedError
from services.operating.erasure import Erasure
from services.operating.exporting import Exporter
from services.operating.metrics import Metrics
from services.settings import Settings
from services.store.stores import Stores

EX_REFUSED = 1
EX_TEMPFAIL = 75
EX_CONFIG = 78
STATES = ("queued", "running", "delivering", "answered", "partly", "failed", "stopped", "cancelled")
_AGO = re.compile(r"(\d+)([mhd])")
_UNITS = {"m": 60, "h": 3600, "d": 86_400}


def main(arguments: list[str]) -> int:
    """Run one command; return the exit status.

    0: done; 1: it could not be done, and why stands on standard error; 2: not understood;
    75: the database is away; 78: the settings are wrong.
    """
    parser = _parser()
    if not arguments:
        parser.print_help()
        return 0
    given = parser.parse_args(arguments)
    try:
        return _carry_out(load_settings(), given)
    except RefusedError as error:
        return _fail(str(error), EX_REFUSED)
    except ConfigurationError as error:
        return _fail("\n".join(f"- {each}" for each in error.problems), EX_CONFIG)
    except (sqlalchemy.exc.OperationalError, psycopg.OperationalError) as error:
        return _fail(f"The database cannot be reached ({type(error).__name__}). Try again later.", EX_TEMPFAIL)


def _carry_out(settings: Settings, given: argparse.Namespace) -> int:
    # Looking must not leave a database behind.
    if (missing := _missing_database(settings)) is None:
        return asyncio.run(_run(settings, given))
    nothing = f"Nothing has run yet: there is no database at {missing}."
    if given.run is not _list:
        raise RefusedError(nothing)
    _say(nothing)
    return 0


def _missing_database(settings: Settings) -> Path | None:
    """Return where the database's file would be; None when it is there, or on a server."""
    url = sqlalchemy.make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    path = Path(url.database)
    return None if path.exists() else path


async def _run(settings: Settings, given: argparse.Namespace) -> int:
    stores = Stores(settings)
    try:
        await stores.database.migrate()
        records = await EngineRecords.open(settings)
        try:
            command: Callable[[_Office, argparse.Namespace], Awaitable[None]] = given.run
            await command(_Office(settings, stores, records), given)
        finally:
            await records.aclose()
    finally:
        await stores.database.aclose()
    return 0


class _Office:
    """What the commands work with."""

    def __init__(self, settings: Settings, stores: Stores, records: EngineRecords) -> None:
        self.desk = OperatorDesk(settings=settings, stores=stores, records=records)
        self.exporter = Exporter(stores=stores, records=records)
        cache = MediaCache(settings.bot.data_dir / "cache", max_bytes=settings.limits.cache_bytes)
        self.erasure = Erasure(stores=stores, records=records, cache=cache, metrics=Metrics())


async def _list(office: _Office, given: argparse.Namespace) -> None:
    lines = await office.desk.list(
        states=given.state or (),
        person_id=given.person,
        guild_id=given.server,
        since=given.since,
        limit=given.limit,
    )
    for line in lines:
        _say(job_texts.line(line))
    if not lines:
        _say("No jobs.")


async def _show(office: _Office, given: argparse.Namespace) -> None:
    _say(job_texts.sheet(await office.desk.show(given.job, content=given.content)))


async def _cancel(office: _Office, given: argparse.Namespace) -> None:
    if await office.desk.cancel(given.job):
        _say(f"{given.job} is cancelled; its person is told within a minute by the running bot.")
    else:
        _say(f"{given.job} is cancelled. Nothing had been posted for it yet, so nobody is told.")


async def _retry(office: _Office, given: argparse.Namespace) -> None:
    new_id, kept, first = await office.desk.retry(given.job)
    steps = "1 recorded step is" if kept == 1 else f"{kept} recorded steps are"
    from_there = f"from {first} on it runs anew" if first else "what comes after them it runs anew"
    _say(
        f"{given.job} runs again as {new_id}: {steps} kept and not paid again; {from_there}, "
        "but for files and pieces that went well beside the first failure."
    )


async def _export(office: _Office, given: argparse.Namespace) -> None:
    if (given.job is None) == (given.person is None):
        raise RefusedError("Say what to export: the id of a job, or --person ID.")
    if given.job is not None:
        held, name = await office.exporter.job(given.job), given.job
    else:
        held, name = await office.exporter.person(given.person), f"person-{given.person}"
    path = given.out or Path(f"isthmus-{name}.json")
    await asyncio.to_thread(_write, path, held)
    _say(f"Written to {path} (readable by you alone).")


async def _erase(office: _Office, given: argparse.Namespace) -> None:
    if (given.person is None) == (given.server is None):
        raise RefusedError("Say what to erase: --person ID or --server ID.")
    if given.person is not None:
        erased = await office.erasure.person(given.person)
    else:
        erased = await office.erasure.server(given.server)
    _say(job_texts.erased(erased))
    if not erased.is_compact:
        said = "The rows are gone, but somebody was reading all the time: bytes are left in the files."
        raise RefusedError(f"{said} Run this again.")


def _write(path: Path, held: dict[str, Any]) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise RefusedError(f"{path} is there already. Give another name with --out.") from None
    except OSError as error:
        raise RefusedError(f"{path} cannot be written: {error.strerror}.") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(held, file, ensure_ascii=False, indent=1)
        file.write("\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bot.py jobs", description="Jobs and data, for operators")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    listing = commands.add_parser("list", help="one line a job, without content")
    listing.add_argument("--state", action="append", choices=STATES, help="may be given more than once")
    listing.add_argument("--person", type=int, metavar="ID")
    listing.add_argument("--server", type=int, metavar="ID")
    listing.add_argument("--since", type=_since, default=0.0, metavar="WHEN", help="30m, 12h, 7d or 2026-11-25")
    listing.add_argument("--limit", type=int, default=50)
    listing.set_defaults(run=_list)

    showing = commands.add_parser("show", help="steps, failures and spend of one job")
    showing.add_argument("job")
    showing.add_argument("--content", action="store_true", help="also what was asked and answered")
    showing.set_defaults(run=_show)

    for name, run, text in (
        ("cancel", _cancel, "stop a job and tell its person"),
        (
            "retry",
            _retry,
            "run a failed job again from what went wrong; what went well before or beside it is not paid again",
        ),
    ):
        one = commands.add_parser(name, help=text)
        one.add_argument("job")
        one.set_defaults(run=run)

    exporting = commands.add_parser("export", help="all that is kept of a job or a person, as JSON")
    exporting.add_argument("job", nargs="?")
    exporting.add_argument("--person", type=int, metavar="ID")
    exporting.add_argument("--out", type=Path, metavar="FILE")
    exporting.set_defaults(run=_export)

    erasing = commands.add_parser("erase", help="all that is kept of a person or a server, for good")
    erasing.add_argument("--person", type=int, metavar="ID")
    erasing.add_argument("--server", type=int, metavar="ID")
    erasing.set_defaults(run=_erase)
    return parser


def _since(text: str) -> float:
    """Return Unix seconds of "7d" (ago) or "2026-11-25" (UTC)."""
    if found := _AGO.fullmatch(text):
        return time.time() - int(found[1]) * _UNITS[found[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no time; write it like 12h, 7d or 2026-11-25") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _fail(text: str, status: int) -> int:
    sys.stderr.write(text + "\n")
    return status
