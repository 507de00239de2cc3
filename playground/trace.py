"""What happened in a job, read from outside of the bot: its steps, its model calls, its price.

Nothing here asks the bot. Jobs and prices are read from the database of its data folder, steps and their
times from the job engine's, and what a model was really sent is what the scripted model server received.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.secret_box import KEY_FILE, SecretBox

from playground.models import ModelCall

Json = dict[str, Any]
Row = sqlite3.Row
NEWEST = "newest"
SLACK_SECONDS = 0.25
"""Two clocks are compared, the wall's and the monotonic one."""
SENT_KEPT = 200
_IMAGE_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
_ROLES = {"/audio/transcriptions": "transcription", "/moderations": "moderation", "/images": "image"}
_STATES = {"ENQUEUED": "queued", "PENDING": "running", "SUCCESS": "done", "CANCELLED": "stopped"}
"""How the engine calls what it is before it has a row in `jobs`."""
_JOB = """SELECT workflow_uuid, name, status, authenticated_user, created_at, completed_at
    FROM workflow_status WHERE name NOT LIKE '<%' AND (:job = 'newest' OR workflow_uuid = :job)
    ORDER BY created_at DESC LIMIT 1"""
_STEPS = """SELECT function_name, output, error, started_at_epoch_ms, completed_at_epoch_ms
    FROM operation_outputs WHERE workflow_uuid = ? ORDER BY started_at_epoch_ms, function_id"""
_WINDOWS = """SELECT w.workflow_uuid, w.authenticated_user, w.created_at, w.completed_at,
    MAX(o.completed_at_epoch_ms) AS last_step_at
    FROM workflow_status w LEFT JOIN operation_outputs o ON o.workflow_uuid = w.workflow_uuid
    GROUP BY w.workflow_uuid"""


@dataclass(frozen=True, slots=True)
class _Window:
    """When a job ran and for whom: the calls between are its own."""

    person: str | None
    """The asker's safety identifier, where it is known."""
    began: float
    ended: float

    def holds(self, call: ModelCall) -> bool:
        identifier = call.body.get("safety_identifier")
        theirs = identifier is None or self.person is None or identifier == self.person
        return theirs and self.began - SLACK_SECONDS <= _unix(call.started) <= self.ended + SLACK_SECONDS


class Trace:
    """Tells what happened.

    Args:
        folder: The bot's data folder.
        calls: Returns what the scripted models were asked so far.
        url: Where `picture` is served; a name is put behind it.
    """

    def __init__(self, folder: Path, calls: Callable[[], Sequence[ModelCall]], url: str) -> None:
        self._folder = folder
        self._calls = calls
        self._url = url
        self._sent: dict[str, tuple[bytes, str]] = {}
        self._box: SecretBox | None = None

    def of(self, job: str = NEWEST) -> Json | None:
        """Return what happened in a job: the newest, or the one with this id; None when there is none.

        `{job, workflow, state, started, seconds, steps, calls, total_usd}`; a step is `{name, started,
        seconds, error}`, a call `{role, model, started, seconds, tokens_in, tokens_out, usd, sent, said,
        answered}` with `sent` a list of `{kind, url, note}`. Times are Unix times; what is not known is None.
        Calls of other models than the scripted ones have tokens and a price and nothing else.
        """
        with contextlib.suppress(sqlite3.OperationalError):  # not there yet, or written anew just now
            with _reading(self._folder / "isthmus-engine.db") as engine:
                found = engine.execute(_JOB, {"job": job}).fetchone()
                if found is None:
                    return None
                steps = [_step(row) for row in engine.execute(_STEPS, [found["workflow_uuid"]])]
                windows = {row["workflow_uuid"]: self._window(row) for row in engine.execute(_WINDOWS)}
            with _reading(self._folder / "isthmus.db") as database:
                held = database.execute(
                    "SELECT state FROM jobs WHERE id = ?", [found["workflow_uuid"]]
                ).fetchone()
                spent = database.execute("SELECT * FROM spend ORDER BY rowid").fetchall()
            return self._told(found, held, steps, self._matched(found["workflow_uuid"], windows, spent))
        return None

    def picture(self, name: str) -> tuple[bytes, str] | None:
        """Return the bytes and the type of what a model was sent, by the last part of its URL."""
        return self._sent.get(name)

    def _identifier(self, person: str | None) -> str | None:
        """Return the name under which models know a person; None before the bot has made its key."""
        if self._box is None:
            secret = os.environ.get("ISTHMUS_SECRET_KEY", "").strip()
            if not secret and not (self._folder / KEY_FILE).is_file():
                return None
            self._box = SecretBox.load(secret, self._folder)
        return self._box.person_id(int(person)) if person else None

    def _window(self, row: Row) -> _Window:
        identifier = self._identifier(row["authenticated_user"])
        # On SQLite a job's own times are whole seconds, rounded down; those of its steps are exact.
        last = max(row["completed_at"] or 0, row["last_step_at"] or 0) / 1000
        return _Window(identifier, row["created_at"] / 1000, last if row["completed_at"] else time.time())

    def _matched(self, job: str, windows: dict[str, _Window], spent: Sequence[Row]) -> list[Json]:
        """Give every call to the row that paid for it, of whichever job; return those of one job."""
        free = list(self._calls())
        told: list[tuple[float, Json]] = []
        for row in spent:
            window = windows.get(row["job_id"])
            paid = window and next((call for call in free if _paid_for(row, call) and window.holds(call)), None)
            if paid:
                free.remove(paid)
            if row["job_id"] == job:
                told.append((paid.started if paid else 0.0, self._call(paid, row)))
        # Calls without a row failed, or are not over yet.
        own = windows[job]
        told += [(call.started, self._call(call, None)) for call in free if own.holds(call)]
        return [call for _, call in sorted(told, key=lambda each: each[0])]

    def _call(self, call: ModelCall | None, row: Row | None) -> Json:
        told: Json = {"role": None, "model": None, "started": None, "seconds": None, "tokens_in": None}
        told |= {"tokens_out": None, "usd": None, "sent": [], "said": "", "answered": ""}
        if row is not None:
            told |= {"role": row["role"], "model": row["model"], "usd": row["usd"]}
            told |= {"tokens_in": row["input_tokens"], "tokens_out": row["output_tokens"]}
        if call is not None:
            ended = call.ended
            told |= {
                "role": told["role"] or _role(call),
                "model": call.model,
                "started": _unix(call.started),
                "seconds": round(ended - call.started, 3) if ended is not None else None,
                "tokens_in": call.tokens[0],
                "tokens_out": call.tokens[1],
                "sent": list(self._media(call)),
                "said": "\n\n".join(f"[{each.role}]\n{each.text}" for each in call.said),
                "answered": call.answered or (f"HTTP {call.status}" if ended is not None else ""),
            }
        return told

    def _media(self, call: ModelCall) -> Iterator[Json]:
        for sight in call.sights:
            kind = _IMAGE_TYPES.get(sight.format, "application/octet-stream")
            detail = f", detail {sight.detail}" if sight.detail else ""
            note = f"{sight.width}x{sight.height} {sight.format}, {_size(sight.data)}{detail}"
            yield {"kind": "picture", "url": self._keep(sight.data, kind), "note": note}
        for sound in call.sounds:
            uploaded = next(
                (each.content_type for each in call.uploads if each.data is sound.data), "audio/ogg"
            )
            note = f"{sound.seconds:.1f} s {sound.codec}, {_size(sound.data)}"
            yield {"kind": "sound", "url": self._keep(sound.data, uploaded), "note": note}

    def _keep(self, data: bytes, kind: str) -> str:
        name = hashlib.sha256(data).hexdigest()
        self._sent[name] = (data, kind)
        while len(self._sent) > SENT_KEPT:
            del self._sent[next(iter(self._sent))]
        return self._url + name

    def _told(self, found: Row, held: Row | None, steps: list[Json], calls: list[Json]) -> Json:
        began = min([step["started"] for step in steps if step["started"]], default=found["created_at"] / 1000)
        last = max(
            [step["started"] + (step["seconds"] or 0) for step in steps if step["started"]], default=began
        )
        ended = last if found["completed_at"] else time.time()
        prices = [call["usd"] for call in calls]
        return {
            "job": found["workflow_uuid"],
            "workflow": found["name"],
            "state": held["state"] if held is not None else _STATES.get(found["status"], "failed"),
            "started": began,
            "seconds": round(ended - began, 3),
            "steps": steps,
            "calls": calls,
            "total_usd": None if None in prices else round(sum(prices), 9),
        }


@contextlib.contextmanager
def _reading(path: Path) -> Generator[sqlite3.Connection]:
    """Open a database that another process writes to; nothing is changed in it, nor made anew.

    Raises:
        sqlite3.OperationalError: There is none, or it has no such table yet.
    """
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=2)) as connection:
        connection.execute("PRAGMA query_only = ON")
        connection.row_factory = sqlite3.Row
        yield connection


def _step(row: Row) -> Json:
    began, ended = row["started_at_epoch_ms"], row["completed_at_epoch_ms"]
    return {
        "name": row["function_name"],
        "started": began / 1000 if began else None,
        "seconds": (ended - began) / 1000 if began and ended else None,
        "error": _error(row),
    }


def _error(row: Row) -> str | None:
    """Return the code of a step's recorded error, or its class where it has none."""
    try:
        output = json.loads(row["output"]) if row["output"] else None
        raised = json.loads(row["error"]) if row["error"] else None
    except ValueError:
        return None
    packed = output.get("error") if isinstance(output, dict) else None
    for error in (packed, raised):
        if isinstance(error, dict):
            return str(error.get("code") or error.get("name"))
    return None


def _paid_for(row: Row, call: ModelCall) -> bool:
    return call.model == row["model"] and call.tokens == (row["input_tokens"], row["output_tokens"])


def _role(call: ModelCall) -> str:
    for path, role in _ROLES.items():
        if path in call.path:
            return role
    return "vision" if call.sights else "text"


def _unix(monotonic: float) -> float:
    return time.time() - time.monotonic() + monotonic


def _size(data: bytes) -> str:
    return f"{len(data) / 1000:.0f} kB"
