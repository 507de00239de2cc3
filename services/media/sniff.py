"""What a file is, by its first bytes alone: never by its name or the type somebody declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HEAD_BYTES = 4096
"""How much of a file is looked at."""

Family = Literal["picture", "sound", "video", "other"]


@dataclass(frozen=True, slots=True)
class Format:
    """What the bytes say. Whether a picture is animated shows only when it is decoded."""

    name: str
    """Short id; the catalogue's `media-unsupported` has what people call it."""
    family: Family
    decoder: str = ""
    """Pillow's name of the format; pictures only."""
    demuxer: str = ""
    """FFmpeg's name of the container; only for sound and video that is opened."""


PNG = Format("png", "picture", "PNG")
JPEG = Format("jpeg", "picture", "JPEG")
GIF = Format("gif", "picture", "GIF")
WEBP = Format("webp", "picture", "WEBP")
AVIF = Format("avif", "picture", "AVIF")
BMP = Format("bmp", "picture", "BMP")
TIFF = Format("tiff", "picture", "TIFF")
HEIC = Format("heic", "picture", "HEIF")

OGG = Format("ogg", "sound", demuxer="ogg")
OPUS = Format("opus", "sound", demuxer="ogg")
FLAC = Format("flac", "sound", demuxer="flac")
MP3 = Format("mp3", "sound", demuxer="mp3")
AAC = Format("aac", "sound", demuxer="aac")
M4A = Format("m4a", "sound", demuxer="mov")
WAV = Format("wav", "sound", demuxer="wav")
AIFF = Format("aiff", "sound")
AMR = Format("amr", "sound")
MIDI = Format("midi", "sound")

MP4 = Format("mp4", "video", demuxer="mov")
QUICKTIME = Format("mov", "video", demuxer="mov")
WEBM = Format("webm", "video", demuxer="matroska")
MATROSKA = Format("mkv", "video", demuxer="matroska")
AVI = Format("avi", "video")
FLASH = Format("flv", "video")
ASF = Format("asf", "video")
OGG_VIDEO = Format("ogv", "video")

PDF = Format("pdf", "other")
POSTSCRIPT = Format("postscript", "other")
SVG = Format("svg", "other")
WEB_PAGE = Format("html", "other")
ZIP = Format("zip", "other")
ARCHIVE = Format("archive", "other")
PROGRAM = Format("program", "other")
PHOTOSHOP = Format("psd", "other")
ICON = Format("ico", "other")
JPEG_XL = Format("jxl", "other")
JPEG_2000 = Format("jp2", "other")
OFFICE = Format("office", "other")
PLAYLIST = Format("playlist", "other")
TEXT = Format("text", "other")

_STARTS: tuple[tuple[bytes, Format], ...] = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"II+\x00", TIFF),
    (b"MM\x00+", TIFF),
    (b"fLaC", FLAC),
    (b"ID3", MP3),
    (b"#!AMR", AMR),
    (b"MThd\x00\x00\x00\x06", MIDI),
    (b"FLV\x01", FLASH),
    (b"0&\xb2u\x8ef\xcf\x11", ASF),
    (b"%PDF-", PDF),
    (b"%!PS", POSTSCRIPT),
    (b"\xc5\xd0\xd3\xc6", POSTSCRIPT),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"Rar!\x1a\x07", ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", ARCHIVE),
    (b"\x1f\x8b\x08", ARCHIVE),
    (b"BZh", ARCHIVE),
    (b"\xfd7zXZ\x00", ARCHIVE),
    (b"(\xb5/\xfd", ARCHIVE),
    (b"\x7fELF", PROGRAM),
    (b"8BPS\x00", PHOTOSHOP),
    (b"\x00\x00\x01\x00", ICON),
    (b"\xff\x0a", JPEG_XL),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", JPEG_XL),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", JPEG_2000),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OFFICE),
    (b"#EXTM3U", PLAYLIST),
    (b"ffconcat", PLAYLIST),
)
_CONTAINERS: dict[tuple[bytes, bytes], Format] = {
    (b"RIFF", b"WEBP"): WEBP,
    (b"RIFF", b"WAVE"): WAV,
    (b"RF64", b"WAVE"): WAV,
    (b"RIFF", b"AVI "): AVI,
    (b"FORM", b"AIFF"): AIFF,
    (b"FORM", b"AIFC"): AIFF,
}
"""By the first four bytes, and the four after the length."""
_BRANDS: dict[bytes, Format] = (
    dict.fromkeys((b"avif", b"avis"), AVIF)
    | dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), HEIC)
    | dict.fromkeys((b"M4A ", b"M4B "), M4A)
    | {b"qt  ": QUICKTIME}
)
_VAGUE_BRANDS: dict[bytes, Format] = {b"mif1": HEIC, b"msf1": HEIC}
"""AVIF files have these too, beside their own."""
_OLD_QUICKTIME = frozenset({b"moov", b"mdat", b"wide", b"pnot"})
_BITMAP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})
"""Lengths of the header that follows a BMP's first 14 bytes."""
_MARKUP: tuple[tuple[bytes, Format], ...] = (
    (b"<svg", SVG),
    (b"<!doctype svg", SVG),
    (b"<!doctype html", WEB_PAGE),
    (b"<html", WEB_PAGE),
    (b"<head", WEB_PAGE),
    (b"<script", WEB_PAGE),
)


def sniff(head: bytes) -> Format | None:
    """Tell what a file is from its first `HEAD_BYTES`; None when they say nothing known."""
    if found := _CONTAINERS.get((head[:4], head[8:12])):
        return found
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    for start, found in _STARTS:
        if head.startswith(start):
            return found
    if head[4:8] in _OLD_QUICKTIME:
        return QUICKTIME
    if head.startswith(b"OggS"):
        return _ogg(head)
    if head.startswith(b"\x1aE\xdf\xa3"):
        return WEBM if b"webm" in head[:64] else MATROSKA
    # Two letters begin many a text, too.
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BITMAP_HEADERS:
        return BMP
    if head.startswith(b"MZ") and b"\x00" in head:
        return PROGRAM
    return _bare_sound(head) or _text(head)


def _by_brand(head: bytes) -> Format:
    """Tell the relatives of MP4 apart by their brands: the major one first, then the others."""
    size = int.from_bytes(head[:4], "big")
    listed = head[16 : max(min(size, len(head)), 16)]
    brands = [head[8:12], *(listed[at : at + 4] for at in range(0, len(listed), 4))]
    for known in (_BRANDS, _VAGUE_BRANDS):
        for brand in brands:
            if found := known.get(brand):
                return found
    return MP4


def _ogg(head: bytes) -> Format:
    if b"\x80theora" in head:
        return OGG_VIDEO
    return OPUS if b"OpusHead" in head else OGG


def _bare_sound(head: bytes) -> Format | None:
    """Recognize frames of MP3 or AAC that begin without a header of the file."""
    if len(head) < 3 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:
        return AAC
    is_layer_two_or_three = head[1] & 0x06 in {0x02, 0x04}
    has_rates = head[2] & 0xF0 != 0xF0 and head[2] & 0x0C != 0x0C
    return MP3 if is_layer_two_or_three and has_rates and head[1] & 0x18 != 0x08 else None


def _text(head: bytes) -> Format | None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    is_prologue = start.startswith((b"<?xml", b"<!--"))
    for mark, found in _MARKUP:
        if start.startswith(mark) or (is_prologue and mark in start):
            return found
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return TEXT if _is_text(head, "utf-16") else None
    return TEXT if head and b"\x00" not in head and _is_text(head, "utf-8") else None


def _is_text(head: bytes, encoding: str) -> bool:
    try:
        head.decode(encoding)
    except UnicodeDecodeError as error:
        # A character cut off at the very end of what was read is no sign of binary data.
        return error.start >= len(head) - 3 and len(head) == HEAD_BYTES
    return True
