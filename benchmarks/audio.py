"""Two hours of sound to pieces: our cutter beside pydub on the whole file.

    ./dev bench audio [--minutes 120] [--rounds 3]

Real speech with pauses over faint noise, as AAC in an MP4, made once and kept in bench-out/. Both ways
run in processes of their own, alternately, and answer the same question: pieces of at most 30 s, cut
in pauses, as WAV files. pydub gets the whole sound as `AudioSegment` (decoded by PyAV, as its own
loader needs FFmpeg's programs), and cuts with `pydub.silence` as it is by default. Prints medians of
wall time, processor time and peak memory (resident, in MB, less what imports take).
"""

# pydub has no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import argparse
import importlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import cast

import numpy as np

from tests.sounds import Waves, at_level, encoded, noise, speech

OUT = Path("bench-out")
RATE = 16_000
STEP_MS = 1
"""How finely pydub looks: its default. With 10 it takes about as long as we do."""


def recording(minutes: int) -> Path:
    """Make the recording unless it is there: speech with pauses of 0.3 to 3 s over noise at -55 dB."""
    path = OUT / f"talk-{minutes}.m4a"
    if path.exists():
        return path
    random = np.random.default_rng(3)
    words = [speech("two_cities"), speech("beckett"), at_level(speech("endgame_nagg_nell"), -36)]
    minute: list[Waves] = []
    while sum(map(len, minute)) < 600 * 48_000:
        minute += [words[random.integers(3)], np.zeros(random.integers(14_000, 144_000), np.float32)]
    ten_minutes = np.concatenate(minute)[: 600 * 48_000] + noise(600, -55, colour=1)
    sound = np.tile(ten_minutes, -(-minutes // 10))[: minutes * 60 * 48_000]
    OUT.mkdir(exist_ok=True)
    path.write_bytes(encoded(sound, container="ipod", codec="aac"))
    return path


def ours(path: str, folder: str) -> int:
    """Cut as the product does; return the number of pieces."""
    from services.media.sound import cut

    options = {"demuxer": "mov", "max_pixels": 1_000_000, "out": folder, "max_seconds": 7300}
    facts, _ = cut(path, options)
    return len(facts["pieces"])


def pydub_whole(path: str, folder: str) -> int:
    """Load all of it, find silences, cut at the last one before each 30 s."""
    import av
    from pydub import AudioSegment, silence

    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE, frame_size=RATE)
    data = bytearray()
    with av.open(path) as file:
        for frame in file.decode(audio=0):
            for out in resampler.resample(frame):
                data += out.to_ndarray().tobytes()
    whole = AudioSegment(data=bytes(data), sample_width=2, frame_rate=RATE, channels=1)
    threshold = round(whole.dBFS - 16)
    quiet = silence.detect_silence(whole, min_silence_len=200, silence_thresh=threshold, seek_step=STEP_MS)
    middles: list[int] = [(begin + end) // 2 for begin, end in quiet]
    start, count = 0, 0
    while start < len(whole):
        within = [at for at in middles if start + 15_000 <= at <= start + 30_000]
        end = within[-1] if within and start + 30_000 < len(whole) else min(start + 30_000, len(whole))
        with Path(f"{folder}/{count:04d}.wav").open("wb") as file:
            cast("AudioSegment", whole[start:end]).export(file, format="wav")
        start, count = end, count + 1
    return count


def once(way: str, path: Path) -> dict[str, float]:
    """Run one way in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.audio", "--child", way, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def child(way: str, path: str) -> None:
    """Measure in this process, imports left out."""
    for module in ("av", "pydub", "services.media.sound"):
        importlib.import_module(module)
    Path("/proc/self/clear_refs").write_text("5")  # Peak memory counts from here.
    idle = peak_megabytes()
    with tempfile.TemporaryDirectory() as folder:
        started, used = time.perf_counter(), time.process_time()
        pieces = ours(path, folder) if way == "ours" else pydub_whole(path, folder)
        wall, processor = time.perf_counter() - started, time.process_time() - used
    result = {"wall": wall, "processor": processor, "peak": peak_megabytes() - idle, "pieces": pieces}
    sys.stdout.write(json.dumps(result))


def peak_megabytes() -> float:
    """Return the most memory that this process had (resident)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def measure(minutes: int, rounds: int) -> None:
    """Run both ways alternately and print medians."""
    path = recording(minutes)
    say(f"{minutes} minutes, AAC, {path.stat().st_size / 1e6:.0f} MB; medians of {rounds}")
    results: dict[str, list[dict[str, float]]] = {"ours": [], "pydub": []}
    for _ in range(rounds):
        for way, gathered in results.items():
            gathered.append(once(way, path))
    say(f"{'':8}{'wall s':>10}{'CPU s':>10}{'peak MB':>10}{'pieces':>10}")
    medians = {
        way: {name: statistics.median(each[name] for each in gathered) for name in gathered[0]}
        for way, gathered in results.items()
    }
    for way, row in medians.items():
        values = f"{row['wall']:10.1f}{row['processor']:10.1f}{row['peak']:10.0f}{row['pieces']:10.0f}"
        say(f"{way:8}{values}")
    slow, fast = medians["pydub"], medians["ours"]
    ratios = [
        f"{name} {slow[key] / fast[key]:.1f}"
        for name, key in (("wall", "wall"), ("CPU", "processor"), ("memory", "peak"))
    ]
    say(f"pydub : ours = {', '.join(ratios)}")


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", nargs=2, metavar=("WAY", "PATH"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(*given.child)
    else:
        measure(given.minutes, given.rounds)
