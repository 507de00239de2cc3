"""What a file is, by its first bytes alone: never by its name or the type somebody declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HEAD_BYTES = 4096
"""How much of a file is looked at."""

Family = Literal["picture", "sound", "video", "other"]


@dataclass(frozen=True, slots=True)
class Format:
    """What the bytes say."""

    name: str
    """As people call it: `PNG`, `MP4 video`, `PDF document`."""
    family: Family
    decoder: str = ""
    """Pillow's name of the format; pictures only."""


PNG = Format("PNG", "picture", "PNG")
JPEG = Format("JPEG", "picture", "JPEG")
GIF = Format("GIF", "picture", "GIF")
WEBP = Format("WebP", "picture", "WEBP")
AVIF = Format("AVIF", "picture", "AVIF")
BMP = Format("BMP", "picture", "BMP")
TIFF = Format("TIFF", "picture", "TIFF")
HEIC = Format("HEIC", "picture", "HEIF")

_STARTS: tuple[tuple[bytes, Format], ...] = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"BM", BMP),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"II+\x00", TIFF),
    (b"MM\x00+", TIFF),
    (b"OggS", Format("Ogg sound", "sound")),
    (b"fLaC", Format("FLAC sound", "sound")),
    (b"ID3", Format("MP3 sound", "sound")),
    (b"\x1aE\xdf\xa3", Format("WebM or Matroska video", "video")),
    (b"%PDF-", Format("PDF document", "other")),
    (b"%!PS", Format("PostScript document", "other")),
    (b"PK\x03\x04", Format("ZIP archive or office document", "other")),
    (b"Rar!", Format("RAR archive", "other")),
    (b"7z\xbc\xaf", Format("7z archive", "other")),
    (b"\x1f\x8b", Format("gzip archive", "other")),
    (b"\x7fELF", Format("program", "other")),
    (b"MZ", Format("program", "other")),
    (b"8BPS", Format("Photoshop document", "other")),
    (b"\x00\x00\x01\x00", Format("icon file", "other")),
    (b"#EXTM3U", Format("playlist", "other")),
    (b"ffconcat", Format("playlist", "other")),
)
_BRANDS: tuple[tuple[tuple[bytes, ...], Format], ...] = (
    ((b"avif", b"avis"), AVIF),
    ((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), HEIC),
    ((b"M4A ", b"M4B "), Format("M4A sound", "sound")),
    ((b"qt  ",), Format("QuickTime video", "video")),
)
_MP4 = Format("MP4 video", "video")
_TEXT = Format("text file", "other")
_MARKUP: tuple[tuple[bytes, Format], ...] = (
    (b"<svg", Format("SVG drawing", "other")),
    (b"<!doctype html", Format("web page", "other")),
    (b"<html", Format("web page", "other")),
)


def sniff(head: bytes) -> Format | None:
    """Tell what a file is from its first `HEAD_BYTES`; None when they say nothing known."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return Format("WAV sound", "sound")
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return Format("AVI video", "video")
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    for start, found in _STARTS:
        if head.startswith(start):
            return found
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return Format("MP3 sound", "sound")
    return _text(head)


def _by_brand(head: bytes) -> Format:
    """Tell the relatives of MP4 apart by their brands: the major one first, then the others."""
    size = int.from_bytes(head[:4], "big")
    listed = head[16 : max(min(size, len(head)), 16)]
    brands = [head[8:12], *(listed[at : at + 4] for at in range(0, len(listed), 4))]
    for brand in brands:
        for known, found in _BRANDS:
            if brand in known:
                return found
    return _MP4


def _text(head: bytes) -> Format | None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for mark, found in _MARKUP:
        if start.startswith(mark) or (start.startswith(b"<?xml") and mark in start):
            return found
    if b"\x00" in head or not head:
        return None
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character cut off at the very end of what was read is no sign of binary data.
        return _TEXT if error.start >= len(head) - 3 and len(head) == HEAD_BYTES else None
    return _TEXT
