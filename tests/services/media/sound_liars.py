"""What a child that was taken over by its file might say and leave behind."""

from __future__ import annotations

import os
import signal
import wave
from pathlib import Path
from typing import Any

Answer = tuple[dict[str, Any], list[bytes]]


def _piece(**changes: Any) -> dict[str, Any]:
    honest = {
        "index": 0,
        "start": 0.0,
        "end": 1.0,
        "speech": True,
        "overlap": 0.0,
        "rms_db": -20.0,
        "gain_db": 0.0,
        "file": "piece-0000.wav",
    }
    return honest | changes


def _facts(*pieces: dict[str, Any], **changes: Any) -> Answer:
    honest: dict[str, Any] = {
        "tracks": 1,
        "track": 0,
        "codec": "opus",
        "language": None,
        "declared_seconds": None,
        "decoded_seconds": 1.0,
        "damaged": 0,
        "read_until": None,
        "rms_db": -20.0,
        "as_is": False,
        "pieces": list(pieces) or [_piece()],
    }
    return honest | changes, []


def _write(options: dict[str, Any], name: str = "piece-0000.wav", seconds: float = 1.0) -> None:
    with wave.open(str(Path(options["out"]) / name), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(round(seconds * 32_000)))


def link_to_a_secret(path: str, options: dict[str, Any]) -> Answer:
    (Path(options["out"]) / "piece-0000.wav").symlink_to("/etc/hostname")
    return _facts()


def name_outside(path: str, options: dict[str, Any]) -> Answer:
    _write(options)
    return _facts(_piece(file="../../secret"))


def extra_file(path: str, options: dict[str, Any]) -> Answer:
    _write(options)
    _write(options, "piece-0001.wav")
    return _facts()


def missing_file(path: str, options: dict[str, Any]) -> Answer:
    return _facts()


def no_wave(path: str, options: dict[str, Any]) -> Answer:
    (Path(options["out"]) / "piece-0000.wav").write_bytes(b"#EXTM3U" + bytes(32_037))
    return _facts()


def wrong_length(path: str, options: dict[str, Any]) -> Answer:
    _write(options, seconds=5.0)
    return _facts()


def times_backwards(path: str, options: dict[str, Any]) -> Answer:
    _write(options)
    _write(options, "piece-0001.wav")
    return _facts(_piece(start=10.0, end=11.0), _piece(index=1, file="piece-0001.wav"))


def not_a_number(path: str, options: dict[str, Any]) -> Answer:
    _write(options)
    return _facts(_piece(end=float("nan")))


def facts_file(path: str, options: dict[str, Any]) -> Answer:
    _write(options)
    _write(options, "facts.json")
    return _facts()


def die(path: str, options: dict[str, Any]) -> Answer:
    _write(options)
    os.kill(os.getpid(), signal.SIGKILL)
    return _facts()
