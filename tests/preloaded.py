"""What the process that others are forked from has done: imports, sentences, schemas, certificates, tables."""

import asyncio
import atexit
import gc
import importlib
import shutil
import tempfile
from pathlib import Path

import cogs._serving
from services.ai._rehearsal import rehearse
from services.ai.clients import trusted_authorities
from services.catalogue import FALLBACK, Catalogue
from services.container import DECODERS
from services.engine_records import engine_url, make_tables
from services.media.sandbox import _environment
from services.settings import BotSettings, Settings
from services.store.database import Database
from tests import decoders

LATE = (
    "aiosqlite",
    "anyio._backends._asyncio",
    "anyio.abc",
    "dbos._sys_db_sqlite",
    "encodings.idna",
    "httpcore2",
    "openai.resources.models",
    "truststore",
)
"""What libraries import at their first use only."""

PYTHON = decoders.start(DECODERS, _environment())
"""What forked bots start in place of Python."""

TABLES = Path(tempfile.mkdtemp(prefix="isthmus-tables-"))
"""A data folder with empty tables, from which those of forked bots are copied."""
atexit.register(shutil.rmtree, TABLES)


async def _make_tables() -> None:
    settings = Settings(bot=BotSettings(data_dir=TABLES))
    database = Database(settings.database_url)
    await database.migrate()
    await database.aclose()
    make_tables(engine_url(settings))


assert cogs._serving.serve, "the import is what it is for"
for _name in LATE:
    importlib.import_module(_name)
Catalogue.load(FALLBACK)
asyncio.run(rehearse())
trusted_authorities()
asyncio.run(_make_tables())
gc.collect()
gc.freeze()  # Whoever is forked need not look through all that again, which would also copy its pages.
