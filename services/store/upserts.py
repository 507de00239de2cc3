"""Inserts that may be repeated, in the dialect at hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


async def insert_new(connection: AsyncConnection, table: sa.Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless its primary key exists; tell whether it was new."""
    # Postgres's driver gives no count of inserted rows here.
    new = _insert(connection, table).values(values).on_conflict_do_nothing().returning(*table.primary_key)
    return (await connection.execute(new)).first() is not None


async def upsert(
    connection: AsyncConnection, table: sa.Table, values: Mapping[str, Any], *, once: Collection[str] = ()
) -> None:
    """Insert a row, or replace the values of the one with its primary key.

    Args:
        once: Columns that keep the value with which the row was inserted.
    """
    keys = [column.name for column in table.primary_key]
    changes = {name: value for name, value in values.items() if name not in {*keys, *once}}
    await connection.execute(
        _insert(connection, table).values(values).on_conflict_do_update(index_elements=keys, set_=changes)
    )


async def upsert_all(
    connection: AsyncConnection,
    table: sa.Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    once: Collection[str] = (),
) -> None:
    """As `upsert`, for many rows with the same columns in one statement."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    insert = _insert(connection, table)
    changes = {name: insert.excluded[name] for name in rows[0] if name not in {*keys, *once}}
    await connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=changes), [*rows])


def _insert(connection: AsyncConnection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
