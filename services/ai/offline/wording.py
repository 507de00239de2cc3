"""Puts measured facts into the catalogue's words; says nothing that was not measured, read or counted."""

from __future__ import annotations

from collections.abc import Sequence

from services.ai.offline.answers import Line, Sight, Sights
from services.ai.protocols import Picture
from services.ai.schemas import ALT_TEXT_LIMIT, TITLE_LIMIT, shortened
from services.catalogue import Catalogue
from services.domain import Description

EVEN_FROM, UNEVEN_BELOW = 0.7, 0.3
"""Drawings of plain areas lie above, photos below (see docs/offline.md)."""
PAGE_TEXT_SHARE = 0.12
PAGE_LINES = 4
COLOUR_FROM = 0.15
MOST_COLOURS = 3
SOFT_BELOW, SHARP_FROM = 15.0, 200.0
LOW_CONTRAST, HIGH_CONTRAST = 30.0, 75.0
LIGHTS = ((35.0, "very-dark"), (85.0, "dark"), (170.0, "medium"), (220.0, "bright"))
SQUARE_WITHIN = 1.15
STILL_BELOW, LITTLE_BELOW, MUCH_BELOW = 0.004, 0.15, 0.8
QUOTED_TEXT = 40
"""Characters of the text in a title."""


class Wording:
    """Words for sights in one language."""

    def __init__(self, language: str) -> None:
        self._catalogue = Catalogue.load(language)
        self._text = self._catalogue.text

    def description(self, pictures: Sequence[Picture], sights: Sights) -> Description:
        """Return the reading of one picture, or of the moments of one animation."""
        first, last = pictures[0], pictures[-1]
        lines = distinct_lines(sights.pictures)
        title = self._titled(pictures, sights, lines)
        visible_text = "\n".join(each.text for each in lines)
        said = [*self._measured(first, sights.pictures[0]), *self._found(pictures, sights, lines)]
        if first.time is not None and last.time is not None:
            start, end = f"{first.time:.1f}", f"{last.time:.1f}"
            said.insert(1, self._text("offline-says-moments", count=len(pictures), start=start, end=end))
            said.insert(2, self._motion(sights.pictures))
        said.append(self._text("offline-origin"))
        return Description(
            title=shortened(title, TITLE_LIMIT),
            text=" ".join(said),
            visible_text=visible_text,
            alt_text=shortened(
                self._alt_text(self._titled(pictures, sights, []), visible_text), ALT_TEXT_LIMIT
            ),
        )

    def frame(self, picture: Picture, sight: Sight, *, is_first: bool) -> str:
        """Say what one frame of a video shows."""
        kind = _kind(picture, sight)
        if is_first:
            change = "first"
        else:
            change = "same" if sight.change < STILL_BELOW else "some" if sight.change < MUCH_BELOW else "new"
        return self._text(
            "offline-frame",
            change=change,
            percent=percent(sight.change),
            kind=self._text("offline-kind", kind=kind),
            facts=self._facts(sight, sight.lines),
        )

    def _titled(self, pictures: Sequence[Picture], sights: Sights, lines: Sequence[Line]) -> str:
        picture, sight = pictures[0], sights.pictures[0]
        facts = self._facts(sight, lines)
        if picture.time is not None:
            return self._text("offline-title-animation", facts=facts)
        return self._text(
            "offline-title",
            shape=self._text("offline-shape", shape=_shape(picture)),
            kind=self._text("offline-kind", kind=_kind(picture, sight)),
            facts=facts,
        )

    def _facts(self, sight: Sight, lines: Sequence[Line]) -> str:
        """List what is striking: colours, light, faces, text."""
        names = [self._text("offline-colour", colour=each) for each, _ in _colours(sight)[:2]]
        facts = [self._text("offline-colours", colours=self._enumerated(names))]
        if (light := _light(sight)) != "medium":
            facts.append(self._text("offline-light", light=light))
        if sight.faces:
            facts.append(self._text("offline-faces", count=len(sight.faces)))
        if lines:
            facts.append(self._text("offline-starting-with", text=shortened(lines[0].text, QUOTED_TEXT)))
        return ", ".join(facts)

    def _measured(self, picture: Picture, sight: Sight) -> list[str]:
        shares = [
            self._text(
                "offline-colour-share", colour=self._text("offline-colour", colour=name), percent=percent(share)
            )
            for name, share in _colours(sight)
        ]
        contrast = (
            "low" if sight.contrast < LOW_CONTRAST else "high" if sight.contrast > HIGH_CONTRAST else "medium"
        )
        said = [
            self._text("offline-says-size", width=str(picture.width), height=str(picture.height)),
            self._text("offline-says-kind", kind=_kind(picture, sight)),
            self._text("offline-says-colours", colours=self._enumerated(shares)),
            self._text(
                "offline-says-light", light=self._text("offline-light", light=_light(sight)), contrast=contrast
            ),
        ]
        if sight.sharpness < SOFT_BELOW or sight.sharpness >= SHARP_FROM:
            sharpness = "soft" if sight.sharpness < SOFT_BELOW else "sharp"
            said.append(self._text("offline-says-sharpness", sharpness=sharpness))
        return said

    def _found(self, pictures: Sequence[Picture], sights: Sights, lines: Sequence[Line]) -> list[str]:
        """Say what was read and counted, or why not."""
        said: list[str] = []
        most, picture = max(zip(sights.pictures, pictures, strict=True), key=lambda pair: len(pair[0].faces))
        if "faces" in sights.missing:
            said.append(self._text("offline-says-cannot-count"))
        elif most.faces:
            places = dict.fromkeys(_place(box, picture) for box in most.faces)
            where = self._enumerated([self._text("offline-place", place=each) for each in places])
            said.append(self._text("offline-says-faces", count=len(most.faces), where=where))
        else:
            said.append(self._text("offline-says-no-faces"))
        if "reading" in sights.missing:
            said.append(self._text("offline-says-cannot-read"))
        elif lines:
            mean = sum(each.score for each in lines) / len(lines)
            said.append(self._text("offline-says-text", count=len(lines), percent=percent(mean)))
        else:
            said.append(self._text("offline-says-no-text"))
        return said

    def _motion(self, sights: Sequence[Sight]) -> str:
        most = max(sight.change for sight in sights)
        motion = next(
            (
                name
                for limit, name in ((STILL_BELOW, "still"), (LITTLE_BELOW, "little"), (MUCH_BELOW, "much"))
                if most < limit
            ),
            "cuts",
        )
        return self._text("offline-says-motion", motion=motion, percent=percent(most))

    def _alt_text(self, title: str, visible_text: str) -> str:
        if not visible_text:
            return self._text("offline-alt", title=title)
        return self._text("offline-alt-text", title=title, text=visible_text)

    def _enumerated(self, parts: Sequence[str]) -> str:
        if len(parts) < 2:
            return "".join(parts)
        return self._text("offline-and", first=", ".join(parts[:-1]), last=parts[-1])


def distinct_lines(sights: Sequence[Sight]) -> list[Line]:
    """Return every line that some picture shows, once, in the order in which they appear."""
    found: dict[str, Line] = {}
    for sight in sights:
        for line in sight.lines:
            found.setdefault(line.text.casefold(), line)
    return list(found.values())


def percent(share: float) -> str:
    """Return a share as whole percents; never 100 for less than all, which nothing measured is."""
    return str(min(round(share * 100), 99)) if share < 1 else "100"


def _kind(picture: Picture, sight: Sight) -> str:
    written = sum(
        (right - left) * (bottom - top) for left, top, right, bottom in (each.box for each in sight.lines)
    )
    if len(sight.lines) >= PAGE_LINES and written >= PAGE_TEXT_SHARE * picture.width * picture.height:
        return "text"
    if sight.evenness > EVEN_FROM:
        return "drawing"
    return "photo" if sight.evenness < UNEVEN_BELOW else "picture"


def _shape(picture: Picture) -> str:
    if max(picture.width, picture.height) <= SQUARE_WITHIN * min(picture.width, picture.height):
        return "square"
    return "wide" if picture.width > picture.height else "tall"


def _light(sight: Sight) -> str:
    return next((name for limit, name in LIGHTS if sight.brightness < limit), "very-bright")


def _colours(sight: Sight) -> Sequence[tuple[str, float]]:
    """Return the colours that fill the most, at least one."""
    ranked = sorted(sight.colours.items(), key=lambda each: (-each[1], each[0]))
    return [each for each in ranked if each[1] >= COLOUR_FROM][:MOST_COLOURS] or ranked[:1]


def _place(box: Sequence[int], picture: Picture) -> str:
    """Name the third of the picture in which a box has its middle."""
    left, top, right, bottom = box
    column = ("left", "", "right")[min(max(int((left + right) / 2 / picture.width * 3), 0), 2)]
    row = ("top", "", "bottom")[min(max(int((top + bottom) / 2 / picture.height * 3), 0), 2)]
    return "-".join(each for each in (row, column) if each) or "middle"
