"""Which of a film's distinct shots a choice of frames shows, and what that costs in tokens.

    ./dev bench frames_quality [--counts 12 24 48] [--kinds vlog fast ...] [--encodings 2s ...] [--scenedetect]
        [--by-state] [--large]

Films with known shots (benchmarks/films.py), each in three encodings. *Recall* is the number of distinct shots
shown, divided by the most that so many frames can show. On slides whose lines appear one by one, a state counts
as shown, for every way, where all its lines are to be seen, so in a later state, too; `--by-state` counts it
only where it is seen itself. Tokens follow the price formula of pictures. This pipeline sends soft pictures at
a smaller size (`--large` turns that off); what does not look at the content has one size for all. Even spacing
is then given as many frames as it needs to show as much, and so is a perfect choice: no frame without news.
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
from services.media.video_reader import VideoLimits

CAMERA_SIZE = (768, 432)
SCREEN_SIZE = (1280, 720)
SOFT_LONG_SIDE = VideoLimits().soft_long_side
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


@dataclass(frozen=True, slots=True)
class Choice:
    """Of frames."""

    times: list[float]
    tokens: int


def chosen(film: Film, count: int, soft_long_side: int = SOFT_LONG_SIDE) -> Choice:
    """Return what this pipeline chooses, and what it costs at the sizes that it gives."""
    with tempfile.TemporaryDirectory() as out:
        options = {
            "demuxer": "mov",
            "count": count,
            "long_side": CAMERA_SIZE[0],
            "screen_long_side": SCREEN_SIZE[0],
            "soft_long_side": soft_long_side,
            "max_pixels": 36_000_000,
            "max_seconds": 600,
            "out": out,
        }
        facts, _ = frames(str(film.path), options)
    cost = sum(tokens((each["width"], each["height"])) for each in facts["frames"])
    return Choice([each["time"] for each in facts["frames"]], cost)


def blind(film: Film, times: list[float]) -> Choice:
    """Return a choice whose frames have all the same size."""
    return Choice(times, tokens(size_of(film), len(times)))


def size_of(film: Film) -> tuple[int, int]:
    """Return the size that a frame of a film has if nobody looks at it."""
    return SCREEN_SIZE if film.is_screen else CAMERA_SIZE


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


def outcome(film: Film, choice: Choice, count: int) -> Outcome:
    """Score a choice."""
    recall = len(film.shown(choice.times)) / film.most_shown(count)
    return Outcome(recall, len(choice.times), choice.tokens)


def perfect_count_for(film: Film, shown: int) -> int:
    """Return how many frames show so many shots if none shows what another does."""
    return next(count for count in range(1, film.views + 1) if film.most_shown(count) >= shown)


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


def report(
    found: Sequence[Film], counts: Sequence[int], *, with_scenedetect: bool, soft_long_side: int
) -> None:
    """Measure and print."""
    scenes = {film.name: detected(film) for film in found} if with_scenedetect else {}
    for count in counts:
        results: dict[str, list[Outcome]] = {}
        ratios: list[float] = []
        ceilings: list[float] = []
        print(f"\nat most {count} frames")
        for film in found:
            ours = chosen(film, count, soft_long_side)
            ways = {"this": ours, "even": blind(film, even(film, count))}
            if scenes:
                ways["scenedetect"] = blind(film, thinned(scenes[film.name], count))
            for name, choice in ways.items():
                results.setdefault(name, []).append(outcome(film, choice, count))
            shown = len(film.shown(ours.times))
            needed = even_count_for(film, shown)
            ratios.append(tokens(size_of(film), needed) / ours.tokens)
            ceilings.append(needed / perfect_count_for(film, shown))
            last = {name: each[-1] for name, each in results.items()}
            line = "  ".join(
                f"{name} {one.recall:.3f} ({one.frames}, {one.tokens} tokens)" for name, one in last.items()
            )
            print(
                f"  {film.name:20} {film.views:3} shots  {line}"
                f"  even needs {needed}: {ratios[-1]:.2f} times the tokens",
                flush=True,
            )
        for name, each in results.items():
            recall = statistics.mean(one.recall for one in each)
            cost = statistics.mean(one.tokens for one in each)
            worst = min(one.recall for one in each)
            print(f"  {name:12} mean recall {recall:.3f}, worst {worst:.3f}, {cost:6.0f} tokens")
        most = statistics.median(ratios), statistics.mean(ratios), statistics.median(ceilings)
        print(
            f"  for as much, even spacing needs {most[0]:.2f} times the tokens (median; mean {most[1]:.2f});"
            f" {most[2]:.2f} times the frames of a perfect choice",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--counts", type=int, nargs="+", default=[12, 24, 48])
    parser.add_argument("--kinds", nargs="*", default=[])
    parser.add_argument("--encodings", nargs="*", default=[])
    parser.add_argument("--scenedetect", action="store_true")
    parser.add_argument("--by-state", action="store_true", help="each state of a slide has to be seen itself")
    parser.add_argument("--large", action="store_true", help="no smaller size for soft pictures")
    given = parser.parse_args()
    every = films(given.kinds, given.encodings, by_state=given.by_state)
    side = CAMERA_SIZE[0] if given.large else SOFT_LONG_SIDE
    report(every, given.counts, with_scenedetect=given.scenedetect, soft_long_side=side)
