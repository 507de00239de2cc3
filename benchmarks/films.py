"""Short films with known shots, for measuring which of them a choice of frames shows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.footage import FOLDER, Shot, canvas, view, write

SIZE = (960, 540)
"""Above what frames are scaled down to, so that this is measured, too."""
SLIDE_SIZE = (1280, 720)
FPS = 24
SECONDS = 150
FADE_SECONDS = 1.0
KINDS = ("vlog", "fast", "returning", "inserts", "fades", "slides")
ENCODINGS = {
    "scene-cut": "keyint=250",
    "2s": "keyint=48:min-keyint=48:scenecut=0",
    "5s": "keyint=120:min-keyint=120:scenecut=0",
}
"""Parameters of x264: keyframes at cuts, or at fixed distances as telephones and recorders place them."""
TITLES: tuple[str, ...] = (
    "Tides and harbours|Neap and spring tides|The moon's pull|Ports that fall dry|Tables and clocks",
    "Bread without yeast|Soda and acid|Flat breads|Steam|Crackers",
    "How bridges fail|Resonance|Scour|Fatigue of steel|Overload",
    "Reading old maps|Scale bars|Rhumb lines|Sea monsters|Copper plates",
    "Bees in the city|Roof hives|Lime trees|Winter stores|Swarms",
)
SLIDE_STATES = len(TITLES[0].split("|"))


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch in which one distinct view is to be seen clean."""

    start: float
    end: float
    view: int


@dataclass(frozen=True, slots=True)
class Film:
    """One encoding of a film, with the truth about it."""

    name: str
    path: Path
    spans: tuple[Span, ...]
    seconds: float
    is_screen: bool
    builds_up: bool = False
    """Views are states of slides, and each shows all that the states of its slide before it showed."""

    def shown(self, times: list[float]) -> set[int]:
        """Return the distinct views whose content frames at these times show."""
        seen = {span.view for span in self.spans for at in times if span.start - 1e-3 <= at < span.end - 1e-3}
        return {content for view in seen for content in self._content(view)}

    def most_shown(self, count: int) -> int:
        """Return how many distinct views so many frames can show at best."""
        richest: list[int] = []
        left = {span.view for span in self.spans}
        while left and len(richest) < count:
            best = max((self._content(view) & left for view in left), key=len)
            richest.append(len(best))
            left -= best
        return sum(richest)

    @property
    def views(self) -> int:
        return len({span.view for span in self.spans})

    def _content(self, view: int) -> set[int]:
        return set(range(view - view % SLIDE_STATES, view + 1)) if self.builds_up else {view}


def shots_of(kind: str, seed: int) -> list[Shot]:
    """Return the shots of a kind of film."""
    random = np.random.default_rng(seed)
    shots: list[Shot] = []
    fresh = iter(random.permutation(120))
    used: list[int] = []

    def add(seconds: float, again: float) -> None:
        is_again = bool(used) and random.random() < again
        picture = int(random.choice(used[:-1] or used)) if is_again else int(next(fresh))
        used.append(picture)
        shots.append(Shot(picture, round(seconds, 2), int(random.integers(1_000_000))))

    while sum(shot.seconds for shot in shots) < SECONDS:
        match kind:
            case "vlog":
                add(float(np.clip(random.lognormal(1.5, 0.6), 1.2, 15)), 0.3)
            case "fast":
                add(float(random.uniform(1.5, 4)), 0.25)
            case "returning":
                add(float(random.uniform(2, 8)), 0.7)
            case "inserts":
                add(float(random.uniform(7, 14)), 0.4)
                add(1.0, 0.0)
            case _:
                add(float(random.uniform(4, 8)), 0.2)
    return shots


def camera_frames(shots: list[Shot], spans: list[Span], *, fades: bool) -> Iterator[Image.Image]:
    """Yield frames and note the spans; with fades, every other cut is a cross-fade or goes through black."""
    at, before = 0.0, None
    for number, shot in enumerate(shots):
        over = canvas(shot.picture, *SIZE)
        count = round(shot.seconds * FPS)
        soft = round(FADE_SECONDS * FPS) if fades and number % 3 else 0
        for index in range(count):
            image = view(over, shot.motion, index / count, SIZE)
            if before is not None and index < soft:
                dark = Image.new("RGB", SIZE) if number % 3 == 1 else before
                image = Image.blend(dark, image, (index + 1) / (soft + 1))
            yield image
        before = view(over, shot.motion, 1.0, SIZE)
        spans.append(Span(at + soft / FPS, at + count / FPS, shot.picture))
        at += count / FPS


def slide_frames(spans: list[Span]) -> Iterator[Image.Image]:
    """Yield slides whose lines appear one after the other, and note each state once it stands."""
    random = np.random.default_rng(5)
    at, state = 0.0, 0
    pointer = Image.new("RGB", (18, 18), (220, 60, 40))
    for slide, text in enumerate(TITLES):
        title, *lines = text.split("|")
        for shown in range(len(lines) + 1):
            image = _slide(title, lines[:shown], slide)
            count = round(float(random.uniform(3, 9)) * FPS)
            start = random.uniform(100, 600, 2)
            for index in range(count):
                frame = image
                if index < 18:  # The pointer moves now and then, which is no news.
                    frame = image.copy()
                    frame.paste(pointer, (int(start[0]) + index * 6, int(start[1])))
                yield frame
            spans.append(Span(at, at + count / FPS, state))
            state += 1
            at += count / FPS


def _slide(title: str, lines: list[str], number: int) -> Image.Image:
    image = Image.new("RGB", SLIDE_SIZE, ("#ffffff", "#fbf7ee", "#f2f6fb", "#ffffff", "#f5fbf2")[number % 5])
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, SLIDE_SIZE[0], 14), fill="#24507a")
    draw.text((80, 70), title, font=ImageFont.load_default(58), fill="#1a1a1a")
    for row, line in enumerate(lines):
        draw.text((110, 200 + 85 * row), f"•  {line}", font=ImageFont.load_default(36), fill="#333333")
    return image


def films(kinds: Sequence[str] = (), encodings: Sequence[str] = (), *, by_state: bool = False) -> list[Film]:
    """Return films of some kinds in some encodings, by default of all; made on first use (some minutes).

    Args:
        kinds: Of `KINDS`.
        encodings: Of `ENCODINGS`.
        by_state: Whether each state of a slide has to be seen itself, not just its lines.
    """
    FOLDER.mkdir(exist_ok=True)
    found: list[Film] = []
    for seed, kind in enumerate(KINDS):
        if kinds and kind not in kinds:
            continue
        size = SLIDE_SIZE if kind == "slides" else SIZE
        for name, encoding in ENCODINGS.items():
            if encodings and name not in encodings:
                continue
            path, truth = FOLDER / f"known-{kind}-{size[1]}p-{name}.mp4", FOLDER / f"known-{kind}.json"
            if not path.exists() or not truth.exists():
                spans: list[Span] = []
                frames = (
                    slide_frames(spans)
                    if kind == "slides"
                    else camera_frames(shots_of(kind, seed), spans, fades=kind == "fades")
                )
                options = {"preset": "veryfast", "crf": "24", "x264-params": encoding}
                part = path.with_stem(f"part-{path.stem}")
                write(part, frames, size=size, fps=FPS, options=options)
                part.rename(path)
                truth.write_text(json.dumps([asdict(span) for span in spans]))
            known = tuple(Span(**each) for each in json.loads(truth.read_text()))
            is_slides = kind == "slides"
            builds_up = is_slides and not by_state
            found.append(Film(f"{kind} {name}", path, known, known[-1].end, is_slides, builds_up))
    return found


if __name__ == "__main__":
    for each in films():
        print(each.name, each.views, round(each.seconds))
