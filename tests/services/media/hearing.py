"""Cuts sound in the real sandbox, as the reader does."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from services.media.sandbox import Sandbox
from services.media.sniff import HEAD_BYTES, sniff

CUT = "services.media.sound:cut"
WALL_SECONDS = 120
RATE = 16_000


@dataclass(frozen=True)
class Heard:
    """What came out of a file."""

    facts: dict[str, Any]
    folder: Path

    @property
    def pieces(self) -> list[dict[str, Any]]:
        return self.facts["pieces"]

    def samples(self, index: int) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Return a piece, from -1 to 1."""
        with wave.open(str(self.folder / self.pieces[index]["file"])) as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
            return np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768

    def beeps(self) -> list[float]:
        """Return when beeps begin, on the file's clock: each where the tone has risen halfway."""
        found: list[float] = []
        for piece in self.pieces:
            if not piece["file"]:
                continue
            samples = np.abs(self.samples(piece["index"]))
            loud = samples > 0.4 * samples.max()
            for at in np.flatnonzero(loud):
                time = piece["start"] + at / RATE
                if not found or time - found[-1] > 0.2:
                    found.append(time)
                    loud[at : at + int(0.15 * RATE)] = False
        return _distinct(found)


def _distinct(times: list[float]) -> list[float]:
    """Leave out what is heard twice where pieces overlap."""
    kept: list[float] = []
    for time in sorted(times):
        if not kept or time - kept[-1] > 0.2:
            kept.append(time)
    return kept


class Ear:
    """Cuts files with the default limits."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self._sandbox = sandbox
        self._folder = folder
        self._count = 0

    async def __call__(self, data: bytes, **options: Any) -> Heard:
        self._count += 1
        job = self._folder / f"job{self._count}"
        out = job / "out"
        out.mkdir(parents=True)
        path = job / "in.bin"
        path.write_bytes(data)
        found = sniff(data[:HEAD_BYTES])
        assert found is not None
        given = {"demuxer": found.demuxer, "max_pixels": 36_000_000, "out": str(out), "max_seconds": 7200}
        result = await self._sandbox.run(CUT, path, given | options, wall_seconds=WALL_SECONDS)
        assert result.payloads == ()
        return Heard(dict(result.facts), out)
