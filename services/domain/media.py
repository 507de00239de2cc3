"""Media items and files: what was posted, where its bytes come from, and what was made."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Kind(StrEnum):
    """What a media item is, decided by its bytes alone."""

    IMAGE = "image"
    ANIMATION = "animation"
    VOICE = "voice"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class MessageSource:
    """An attachment that belongs to a message; the message is fetched again for a fresh URL."""

    channel_id: int
    message_id: int
    attachment_id: int
    type: Literal["message"] = "message"


@dataclass(frozen=True, slots=True)
class InteractionSource:
    """An attachment that came with a slash command and belongs to no message (yet).

    Its signed URL lives encrypted in table `interactions` until it expires.
    """

    interaction_id: int
    attachment_id: int
    type: Literal["interaction"] = "interaction"


@dataclass(frozen=True, slots=True)
class Attachment:
    """What Discord claims about one attached file; only `source` is to be trusted."""

    source: MessageSource | InteractionSource
    filename: str
    size: int
    """Declared bytes."""
    content_type: str | None = None
    """Declared type, derived from the file name by Discord: a hint, never a decision."""
    spoiler: bool = False
    voice: bool = False
    """The message carries the voice-note flag."""
    author_alt: str | None = None
    """The alt text that the poster wrote, if any."""


@dataclass(frozen=True, slots=True)
class MediaItem:
    """One attachment whose bytes were seen: the key to its readings."""

    source: MessageSource | InteractionSource
    filename: str
    kind: Kind
    size: int
    """Bytes really received."""
    sha256: str
    """Hex digest of the file as received."""
    spoiler: bool = False


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that a step made; its bytes wait in table `blobs` until the job's messages stand."""

    name: str
    sha256: str
    alt_text: str


Box = tuple[float, float, float, float]
"""Left, top, right, bottom, as shares (0 to 1) of a picture."""

Outline = tuple[tuple[float, float], ...]
"""Corners of a closed shape, as shares of a picture; three or more."""
