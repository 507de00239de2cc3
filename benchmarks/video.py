"""What it costs to see and hear a video, beside the usual ways.

    ./dev bench video [--minutes 2 10 60] [--rounds 3] [--ways moviepy pydub opencv ...] [--longest 10]

This pipeline runs as the bot runs it: two sandbox children at once, one that chooses at most 24 frames, one
that cuts the sound at pauses. The others are one process each, in an environment of their own, and take as many
frames. Ways take turns, so that a noisy machine is as noisy for all. Processor time is what can be compared
where others compute.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.footage import FOLDER, speed_film
from services.media.sandbox import Sandbox

FRAMES = 24
KEYFRAMES = 2 * FRAMES
RIVALS = FOLDER / "rivals-venv"
HERE = Path(__file__).parent
OURS = "this: frames and sound"
NAIVE = ("moviepy", "pydub", "pydub-silence")
"""`get_frame` in a loop, and after it the whole sound: cut blindly, or at silences, which is what this does."""
FIELDS = ("wall", "processor", "megabytes")
PRELOAD = ["services.media.video", "services.media.sound", "services.media.contact_sheet"]


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one run."""

    wall: float
    """Seconds."""
    processor: float
    """Seconds of all its processes."""
    megabytes: float
    """Peak resident memory of the largest process."""


def look(path: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Choose frames, in a sandbox child, and say what it took."""
    from services.media.video import frames

    facts, _ = frames(path, options)
    return {"frames": len(facts["frames"])} | _used(), []


def listen(path: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Cut sound, in a sandbox child, and say what it took."""
    from services.media.sound import cut

    facts, _ = cut(path, options)
    return {"pieces": len(facts["pieces"])} | _used(), []


def decode_keyframes(path: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Decode keyframes, evenly spaced, and nothing else: what cannot be avoided."""
    import av

    opened: Any = av.open(path)  # PyAV leaves its packets untyped.
    with opened as container:
        video: Any = container.streams.video[0]
        keys = [entry.timestamp for entry in video.index_entries if entry.is_keyframe]
        step = max(len(keys) / options["keyframes"], 1)
        for number in range(min(options["keyframes"], len(keys))):
            container.seek(keys[int(number * step)], stream=video)
            packet = next(each for each in container.demux(video) if each.is_keyframe)
            video.codec_context.decode(packet)
            video.codec_context.decode(None)
            video.codec_context.flush_buffers()
    return _used(), []


def _used() -> dict[str, Any]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"processor": used.ru_utime + used.ru_stime, "megabytes": used.ru_maxrss / 1024}


class Pipeline:
    """This pipeline, warm, as in the running bot."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def run(self, film: Path, *, sound: bool = True) -> Cost:
        """Choose frames and, at the same time, cut sound."""
        with tempfile.TemporaryDirectory() as folder:
            frames_out, sound_out = Path(folder) / "frames", Path(folder) / "sound"
            frames_out.mkdir()
            sound_out.mkdir()
            common = {"demuxer": "mov", "max_pixels": 36_000_000}
            sizes = {"long_side": 768, "soft_long_side": 512}
            seeing = common | sizes | {"count": FRAMES, "max_seconds": 120, "out": str(frames_out)}
            hearing = common | {"max_seconds": 7200, "out": str(sound_out)}
            jobs = [self._sandbox.run("benchmarks.video:look", film, seeing)]
            if sound:
                jobs.append(self._sandbox.run("benchmarks.video:listen", film, hearing))
            started = time.perf_counter()
            results = await asyncio.gather(*jobs)
            return _cost(time.perf_counter() - started, [each.facts for each in results])

    async def keyframes(self, film: Path) -> Cost:
        """Decode as many keyframes as the pipeline looks at, at most."""
        started = time.perf_counter()
        result = await self._sandbox.run("benchmarks.video:decode_keyframes", film, {"keyframes": KEYFRAMES})
        return _cost(time.perf_counter() - started, [result.facts])


def _cost(wall: float, used: Sequence[Mapping[str, Any]]) -> Cost:
    return Cost(wall, sum(each["processor"] for each in used), max(each["megabytes"] for each in used))


def rival(way: str, film: Path) -> Cost:
    """Run another way as a process."""
    with tempfile.TemporaryDirectory() as folder:
        command = [RIVALS / "bin" / "python", HERE / "rivals.py", way, film, str(FRAMES), folder]
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{way} failed on {film.name}")
        processor = used.ru_utime + used.ru_stime
        return Cost(time.perf_counter() - started, processor, used.ru_maxrss / 1024)


def summed(one: Cost, other: Cost) -> Cost:
    """Return what it costs to do one thing after the other."""
    return Cost(one.wall + other.wall, one.processor + other.processor, max(one.megabytes, other.megabytes))


def install_rivals() -> None:
    """Make the environment of the other ways, if their lock file has changed."""
    lock = HERE / "rivals.txt"
    stamp, wanted = RIVALS / ".installed", hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(RIVALS, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", RIVALS], check=True)
    pip = [RIVALS / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", lock], check=True)
    stamp.write_text(wanted)


async def measure(minutes: Sequence[int], rounds: int, ways: Sequence[str], longest: int) -> None:
    """Run and print."""
    install_rivals()
    sandbox = Sandbox(children=2, memory_bytes=1_610_612_736, wall_seconds=600, preload=PRELOAD)
    await sandbox.start()
    growth: list[tuple[int, Cost]] = []
    try:
        for length in minutes:
            film = speed_film(length)
            size = film.stat().st_size / 1e6
            print(f"\n{length} min of 1920x1080 at 30 frames/s, {size:.0f} MB; median of {rounds}", flush=True)
            some = ways if length <= longest else [each for each in ways if each in NAIVE]
            costs = await _compare(Pipeline(sandbox), film, rounds, some)
            growth.append((length, costs[OURS]))
    finally:
        await sandbox.aclose()
    for (before, less), (after, more) in pairwise(growth):
        slope = (more.processor - less.processor) / (after - before)
        print(f"\nfrom {before} to {after} min: {slope:.3f} CPU s more a minute", end="")
    print()


async def _compare(pipeline: Pipeline, film: Path, rounds: int, ways: Sequence[str]) -> dict[str, Cost]:
    """Print what each way costs; return the medians."""
    runs: dict[str, list[Cost]] = {}
    for number in range(rounds):
        once = {
            OURS: await pipeline.run(film),
            "this: frames alone": await pipeline.run(film, sound=False),
            f"{KEYFRAMES} keyframes decoded": await pipeline.keyframes(film),
        }
        for way in ways:
            once[way] = await asyncio.to_thread(rival, way, film)
            print(f"  round {number + 1}: {way} {once[way].processor:.1f} CPU s", file=sys.stderr, flush=True)
        if set(NAIVE) <= once.keys():
            frames, blind, silences = (once[way] for way in NAIVE)
            once["naive: moviepy + pydub, cut at silences"] = summed(frames, silences)
            once["naive: moviepy + pydub, cut every 30 s"] = summed(frames, blind)
        for name, cost in once.items():
            runs.setdefault(name, []).append(cost)
    costs = {name: Cost(*(_median(each, field) for field in FIELDS)) for name, each in runs.items()}
    print(f"{'':40} {'wall s':>8} {'ratio':>6} {'CPU s':>8} {'ratio':>6} {'peak MB':>8}")
    for name, cost in costs.items():
        ratios = cost.wall / costs[OURS].wall, cost.processor / costs[OURS].processor
        print(
            f"{name:40} {cost.wall:8.2f} {ratios[0]:6.2f} {cost.processor:8.2f} {ratios[1]:6.2f}"
            f" {cost.megabytes:8.0f}",
            flush=True,
        )
    return costs


def _median(runs: Sequence[Cost], field: str) -> float:
    return statistics.median(getattr(run, field) for run in runs)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=int, nargs="+", default=[2, 10, 60])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ways", nargs="*", default=[*NAIVE, "opencv", "ffmpeg", "scenedetect"])
    parser.add_argument(
        "--longest", type=int, default=10, help="minutes up to which all ways run, not the naive alone"
    )
    given = parser.parse_args()
    asyncio.run(measure(given.minutes, given.rounds, given.ways, given.longest))
