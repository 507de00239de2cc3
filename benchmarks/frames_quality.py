"""Which of a film's distinct shots a choice of frames shows, and what that costs in tokens.

    ./dev bench frames_quality [--counts 12 24 48] [--kinds vlog fast ...] [--encodings 2s ...] [--scenedetect]

Films with known shots (benchmarks/films.py), each in three encodings. *Recall* is the number of distinct shots
shown, divided by the smaller of their number and of the frames allowed. Tokens follow the price formula of
pictures, the same size for all ways. Even spacing is then given as many frames as it needs to show as much, and
so is a perfect choice: one frame a shot.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.films import Film, films
from benchmarks.footage import FOLDER
from services.media.video import frames

CAMERA_SIZE = (768, 432)
SCREEN_SIZE = (1280, 720)
MOST_EVEN = 600


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one way on one film."""

    recall: float
    frames: int
    tokens: int


def tokens(size: tuple[int, int], count: int = 1) -> int:
    """Return what pictures cost: patches of 32 px, times 1.2."""
    return math.ceil(1.2 * math.ceil(size[0] / 32) * math.ceil(size[1] / 32)) * count


def chosen(film: Film, count: int) -> list[float]:
    """Return the times that this pipeline chooses."""
    with tempfile.TemporaryDirectory() as out:
        options = {
            "demuxer": "mov",
            "count": count,
            "long_side": CAMERA_SIZE[0],
            "screen_long_side": SCREEN_SIZE[0],
            "max_pixels": 36_000_000,
            "max_seconds": 600,
            "out": out,
        }
        facts, _ = frames(str(film.path), options)
    return [each["time"] for each in facts["frames"]]


def even(film: Film, count: int) -> list[float]:
    """Return the middles of so many equal parts."""
    return [film.seconds * (number + 0.5) / count for number in range(count)]


def detected(film: Film) -> list[float]:
    """Return the middles of the scenes that PySceneDetect finds."""
    command = [
        FOLDER / "rivals-venv" / "bin" / "python",
        Path(__file__).parent / "rivals.py",
        "scenedetect",
        film.path,
    ]
    said = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return list(json.loads(said.splitlines()[-1])["times"])


def thinned(times: Sequence[float], count: int) -> list[float]:
    """Return at most so many, evenly."""
    if len(times) <= count:
        return list(times)
    return [times[int((number + 0.5) * len(times) / count)] for number in range(count)]


def outcome(film: Film, times: list[float], count: int) -> Outcome:
    """Score a choice."""
    recall = len(film.shown(times)) / min(count, film.views)
    return Outcome(recall, len(times), tokens(SCREEN_SIZE if film.is_screen else CAMERA_SIZE, len(times)))


def even_count_for(film: Film, shown: int) -> int:
    """Return how many evenly spaced frames show so many shots.

    Luck plays a part with single numbers, so three in a row have to do it.
    """
    run = 0
    for count in range(1, MOST_EVEN):
        run = run + 1 if len(film.shown(even(film, count))) >= shown else 0
        if run == 3:
            return count - 2
    return MOST_EVEN


def report(found: Sequence[Film], counts: Sequence[int], *, with_scenedetect: bool) -> None:
    """Measure and print."""
    scenes = {film.name: detected(film) for film in found} if with_scenedetect else {}
    for count in counts:
        results: dict[str, list[Outcome]] = {}
        ratios: list[float] = []
        ceilings: list[float] = []
        print(f"\nat most {count} frames")
        for film in found:
            ours = chosen(film, count)
            results.setdefault("this", []).append(outcome(film, ours, count))
            results.setdefault("even", []).append(outcome(film, even(film, count), count))
            if scenes:
                picked = thinned(scenes[film.name], count)
                results.setdefault("scenedetect", []).append(outcome(film, picked, count))
            needed = even_count_for(film, len(film.shown(ours)))
            ratios.append(needed / len(ours))
            ceilings.append(needed / len(film.shown(ours)))
            last = {name: each[-1] for name, each in results.items()}
            line = "  ".join(f"{name} {one.recall:.3f} ({one.frames})" for name, one in last.items())
            print(f"  {film.name:20} {film.views:3} shots  {line}  even needs {needed}", flush=True)
        for name, each in results.items():
            recall = statistics.mean(one.recall for one in each)
            cost = statistics.mean(one.tokens for one in each)
            worst = min(one.recall for one in each)
            print(f"  {name:12} mean recall {recall:.3f}, worst {worst:.3f}, {cost:6.0f} tokens")
        most = statistics.median(ratios), statistics.mean(ratios), statistics.median(ceilings)
        print(
            f"  for as much, even spacing needs {most[0]:.2f} times the tokens (median; mean {most[1]:.2f});"
            f" {most[2]:.2f} times those of a perfect choice",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--counts", type=int, nargs="+", default=[12, 24, 48])
    parser.add_argument("--kinds", nargs="*", default=[])
    parser.add_argument("--encodings", nargs="*", default=[])
    parser.add_argument("--scenedetect", action="store_true")
    given = parser.parse_args()
    every = films(given.kinds, given.encodings)
    report(every, given.counts, with_scenedetect=given.scenedetect)
