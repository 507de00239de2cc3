"""The engine's own tables."""

from __future__ import annotations

import time
from pathlib import Path

import sqlalchemy as sa

from services.engine_records import make_tables


def test_tables_are_made_on_every_sqlite(tmp_path: Path) -> None:
    """Also where Python is newer than its SQLite: on Debian 12 with Python 3.12 or 3.13."""
    url = f"sqlite:///{tmp_path / 'engine.db'}"
    make_tables(url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        # What the engine's tables and statements say there, whichever Python has made them.
        now = connection.execute(sa.text("SELECT unixepoch('subsec') * 1000")).scalar_one()
        connection.execute(
            sa.text("INSERT INTO application_versions (version_id, version_name) VALUES ('a', 'a')")
        )
        made = connection.execute(sa.text("SELECT version_timestamp FROM application_versions")).scalar_one()
    engine.dispose()
    assert abs(now / 1000 - time.time()) < 5
    assert abs(made / 1000 - time.time()) < 5
