"""Inserts that may be repeated, in the dialect at hand.

Statements are built once for each table and set of columns: building one costs more than carrying it out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


async def insert_new(connection: AsyncConnection, table: sa.Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless its primary key exists; tell whether it was new."""
    insert = _insert_new(connection.dialect.name, table)
    return (await connection.execute(insert, dict(values))).first() is not None


async def upsert(
    connection: AsyncConnection, table: sa.Table, values: Mapping[str, Any], *, once: Collection[str] = ()
) -> None:
    """Insert a row, or replace the values of the one with its primary key.

    Args:
        once: Columns that keep the value with which the row was inserted.
    """
    await upsert_all(connection, table, [values], once=once)


async def upsert_all(
    connection: AsyncConnection,
    table: sa.Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    once: Collection[str] = (),
) -> None:
    """As `upsert`, for many rows with the same columns in one statement."""
    if rows:
        changed = tuple(name for name in rows[0] if name not in once)
        given = [dict(row) for row in rows]
        insert = _upsert(connection.dialect.name, table, changed)
        await connection.execute(insert, given if len(given) > 1 else given[0])


@cache
def _insert_new(dialect: str, table: sa.Table) -> sa.Executable:
    # Postgres's driver gives no count of inserted rows here.
    return _insert(dialect, table).on_conflict_do_nothing().returning(*table.primary_key)


@cache
def _upsert(dialect: str, table: sa.Table, changed: tuple[str, ...]) -> sa.Executable:
    keys = [column.name for column in table.primary_key]
    insert = _insert(dialect, table)
    changes = {name: insert.excluded[name] for name in changed if name not in keys}
    return insert.on_conflict_do_update(index_elements=keys, set_=changes)


def _insert(dialect: str, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
