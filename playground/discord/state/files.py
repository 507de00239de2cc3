"""Files: as somebody uploads them, and as Discord keeps and describes them."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from PIL import Image

from playground.discord.state.kinds import ATTACHMENT_IS_SPOILER, Payload

SPOILER_PREFIX = "SPOILER_"
_UNKEPT = re.compile(r"[^A-Za-z0-9._-]+")

# By the ending of the name alone; what is not here has no content type.
CONTENT_TYPES = {
    ".aac": "audio/aac",
    ".avif": "image/avif",
    ".bmp": "image/bmp",
    ".csv": "text/csv; charset=utf-8",
    ".flac": "audio/x-flac",
    ".gif": "image/gif",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".html": "text/html; charset=utf-8",
    ".jfif": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": "application/json; charset=utf-8",
    ".m4a": "audio/mp4",
    ".md": "text/markdown; charset=utf-8",
    ".mkv": "video/x-matroska",
    ".mov": "video/quicktime",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".ogg": "audio/ogg",
    ".opus": "audio/opus",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".py": "text/x-python; charset=utf-8",
    ".srt": "application/x-subrip",
    ".svg": "image/svg+xml",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".txt": "text/plain; charset=utf-8",
    ".vtt": "text/vtt; charset=utf-8",
    ".wav": "audio/x-wav",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".zip": "application/zip",
}
_MEASURED = frozenset({"image/avif", "image/gif", "image/jpeg", "image/png", "image/webp"})


@dataclass(frozen=True, slots=True)
class File:
    """A file that somebody uploads."""

    name: str
    data: bytes
    content_type: str | None = None
    """None: derived from the name, as Discord does; "" leaves it absent."""
    alt: str | None = None
    spoiler: bool = False
    spoiler_prefix: bool = True
    """Whether a spoiler also shows in the name; Discord's newest uploads have the flag alone."""
    duration_secs: float | None = None
    waveform: str | None = None
    """Base64 of up to 256 loudness values: a voice note."""
    size: int | None = None
    """What Discord claims the size to be; None: the truth."""


@dataclass(slots=True)
class StoredAttachment:
    """A file as Discord keeps it."""

    id: int
    channel_id: int
    file: File
    alt: str | None = None
    ephemeral: bool = False
    measures: tuple[int, int] | None = field(init=False)
    """Width and height, where Discord's own decoder could tell them."""

    def __post_init__(self) -> None:
        self.measures = _measure(self.file.data) if self.content_type in _MEASURED else None

    @property
    def filename(self) -> str:
        """The name under which it is shown: ASCII; a spoiler carries a prefix."""
        kept = _UNKEPT.sub("_", PurePosixPath(self.file.name).name).lstrip(".") or "unknown"
        marked = self.file.spoiler and self.file.spoiler_prefix and not kept.startswith(SPOILER_PREFIX)
        return SPOILER_PREFIX + kept if marked else kept

    @property
    def is_spoiler(self) -> bool:
        """Whether it is hidden until somebody clicks it."""
        return self.file.spoiler or self.file.name.startswith(SPOILER_PREFIX)

    @property
    def content_type(self) -> str | None:
        """What the name promises."""
        if self.file.content_type is not None:
            return self.file.content_type or None
        return CONTENT_TYPES.get(PurePosixPath(self.file.name).suffix.lower())

    def payload(self, url: str) -> Payload:
        """Return the attachment object with a URL that was signed just now."""
        payload: Payload = {
            "id": str(self.id),
            "filename": self.filename,
            "size": len(self.file.data) if self.file.size is None else self.file.size,
            "url": url,
            "proxy_url": url,
            "flags": ATTACHMENT_IS_SPOILER if self.is_spoiler else 0,
        }
        if (stem := PurePosixPath(self.file.name).stem) != PurePosixPath(self.filename).stem:
            payload["title"] = stem
        if self.content_type:
            payload["content_type"] = self.content_type
        if self.alt:
            payload["description"] = self.alt
        if self.measures is not None:
            payload["width"], payload["height"] = self.measures
        if self.file.duration_secs is not None:
            payload["duration_secs"] = self.file.duration_secs
        if self.file.waveform is not None:
            payload["waveform"] = self.file.waveform
        if self.ephemeral:
            payload["ephemeral"] = True
        return payload


def _measure(data: bytes) -> tuple[int, int] | None:
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data)) as image:
            return image.size
    except Exception:  # what cannot be read has no measures, whatever the reason
        return None
