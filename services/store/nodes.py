"""The processes that run jobs on one Postgres, and when each of them was last alive."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from services.store.database import Database
from services.store.tables import engine_nodes

FORGET_AFTER_SECONDS = 86_400
_BEAT = (
    postgresql.insert(engine_nodes)
    .values(node=sa.bindparam("node"), seen=sa.func.now())
    .on_conflict_do_update(index_elements=["node"], set_={"seen": sa.func.now()})
)


class NodeRepository:
    """Keeps signs of life. The database's clock decides, so the machines' clocks need not agree."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def beat(self, node: str) -> None:
        """Note that a process lives; forget those that have been silent for a day."""
        long_silent = sa.extract("epoch", sa.func.now() - engine_nodes.c.seen) > FORGET_AFTER_SECONDS
        async with self._database.write() as connection:
            await connection.execute(_BEAT, {"node": node})
            await connection.execute(engine_nodes.delete().where(long_silent))

    async def leave(self, node: str) -> None:
        """Note that a process ends, so that others go on with its jobs at once."""
        async with self._database.write() as connection:
            await connection.execute(engine_nodes.delete().where(engine_nodes.c.node == node))

    async def alive(self, *, seconds: float) -> int:
        """Return how many gave a sign of life within so many seconds."""
        age = sa.extract("epoch", sa.func.now() - engine_nodes.c.seen)
        async with self._database.read() as connection:
            counted = sa.select(sa.func.count()).select_from(engine_nodes).where(age <= seconds)
            return await connection.scalar(counted) or 0

    async def silent(self, nodes: Collection[str], *, seconds: float) -> set[str]:
        """Return those that gave no sign of life for so long, or never one."""
        age = sa.extract("epoch", sa.func.now() - engine_nodes.c.seen)
        alive = sa.select(engine_nodes.c.node).where(age <= seconds)
        async with self._database.read() as connection:
            return set(nodes) - set(await connection.scalars(alive))
