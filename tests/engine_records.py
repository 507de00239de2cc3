"""What the job engine has recorded, read from its own tables beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import sqlalchemy.exc
from sqlalchemy.pool import NullPool

ENDED = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """A step whose result is kept; its times are Unix times in seconds."""

    name: str
    started: float
    ended: float

    @property
    def label(self) -> str:
        """The name without its number: what the steps of a fan-out have in common."""
        return self.name.partition("#")[0]


class EngineRecords:
    """Reads the engine's tables.

    Args:
        url: `sqlite:///<path>` of the engine's own file, or `postgresql://...`.
    """

    def __init__(self, url: str) -> None:
        is_postgres = url.startswith("postgresql")
        address = "postgresql+psycopg://" + url.split("://", 1)[1] if is_postgres else url
        self._engine = sa.create_engine(address, poolclass=NullPool)
        self._schema = "dbos." if is_postgres else ""

    def jobs(self) -> dict[str, str]:
        """Return the state of every job, by its id; none before the engine has made its tables."""
        try:
            rows = self._rows("SELECT workflow_uuid, status FROM {}workflow_status")
        except sqlalchemy.exc.DBAPIError:
            return {}
        return {row[0]: row[1] for row in rows}

    def steps(self, job_id: str) -> list[RecordedStep]:
        """Return what is recorded of a job, in the order of its steps."""
        rows = self._rows(
            "SELECT function_name, started_at_epoch_ms, completed_at_epoch_ms FROM {}operation_outputs "
            "WHERE workflow_uuid = :job ORDER BY function_id",
            job=job_id,
        )
        return [RecordedStep(row[0], row[1] / 1000, row[2] / 1000) for row in rows]

    def _rows(self, query: str, **values: str) -> list[tuple[Any, ...]]:
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query.format(self._schema)), values)]
