"""What the process that others are forked from has done: imports, sentences, schemas, certificates."""

import asyncio
import gc
import importlib

import bot
from services.ai._rehearsal import rehearse
from services.ai.clients import trusted_authorities
from services.catalogue import FALLBACK, Catalogue
from services.container import DECODERS
from services.media.sandbox import _environment
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

assert bot.main, "the import is what it is for"
for _name in LATE:
    importlib.import_module(_name)
Catalogue.load(FALLBACK)
asyncio.run(rehearse())
trusted_authorities()
gc.collect()
gc.freeze()  # Whoever is forked need not look through all that again, which would also copy its pages.
