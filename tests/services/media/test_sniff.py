"""The bytes decide what a file is: whole files of every kind, lookalikes, and cut-off beginnings."""

from __future__ import annotations

import io
import wave

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import services.media.sniff as known
from services.catalogue import Catalogue
from services.media._containers import DEMUXERS
from services.media.sniff import HEAD_BYTES, Format, sniff
from tests.pictures import animation, encoded, photo

ALL_FORMATS = [each for each in vars(known).values() if isinstance(each, Format)]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("PNG", known.PNG),
        ("JPEG", known.JPEG),
        ("MPO", known.JPEG),
        ("GIF", known.GIF),
        ("WEBP", known.WEBP),
        ("AVIF", known.AVIF),
        ("BMP", known.BMP),
        ("TIFF", known.TIFF),
        ("HEIF", known.HEIC),
        ("ICO", known.ICON),
        ("JPEG2000", known.JPEG_2000),
        ("PDF", known.PDF),
        ("EPS", known.POSTSCRIPT),
    ],
)
def test_files_as_pillow_writes_them_are_known(kind: str, expected: Format) -> None:
    """Whole files of each kind are recognized."""
    assert sniff(encoded(photo().resize((64, 64)), kind)[:HEAD_BYTES]) == expected


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_animations_go_to_the_same_decoder(kind: str) -> None:
    """Whether a picture moves is seen when it is decoded, not from its first bytes."""
    frames = [photo().resize((64, 64)), photo("chelsea").resize((64, 64))]
    still = sniff(encoded(frames[0], kind)[:HEAD_BYTES])
    assert still is not None
    assert still == sniff(animation(frames, kind)[:HEAD_BYTES])


@pytest.mark.parametrize(
    ("container", "codec", "expected"),
    [
        ("mp3", "libmp3lame", known.MP3),
        ("ogg", "libopus", known.OPUS),
        ("flac", "flac", known.FLAC),
        ("ipod", "aac", known.M4A),
        ("adts", "aac", known.AAC),
        ("wav", "pcm_s16le", known.WAV),
        ("aiff", "pcm_s16be", known.AIFF),
        ("webm", "libopus", known.WEBM),
        ("matroska", "libopus", known.MATROSKA),
        ("mp4", "aac", known.MP4),
        ("mov", "aac", known.QUICKTIME),
        ("avi", "pcm_s16le", known.AVI),
        ("flv", "aac", known.FLASH),
        ("asf", "pcm_s16le", known.ASF),
    ],
)
def test_files_as_ffmpeg_writes_them_are_known(container: str, codec: str, expected: Format) -> None:
    """Sound and video are told apart from pictures, and named."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as output:
        stream = output.add_stream(codec, rate=48_000)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        layout = stream.codec_context.format.name if stream.codec_context.format else "s16"
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 9600), np.int16), format="s16", layout="mono")
        silence.rate = 48_000
        resampler = av.AudioResampler(format=layout, layout="mono", rate=48_000, frame_size=stream.frame_size)
        for frame in [*resampler.resample(silence), *resampler.resample(None)]:
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    assert sniff(buffer.getvalue()[:HEAD_BYTES]) == expected


def test_wave_files_are_known() -> None:
    """What Python's own writer makes is sound."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, 8000, 1, "NONE", ""))
        file.writeframes(b"\x00" * 200)
    assert sniff(buffer.getvalue()) == known.WAV


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\xff\xfb\x90\x64" + b"\x00" * 60, known.MP3),
        (b"ID3\x04\x00", known.MP3),
        (b"OggS\x00\x02" + b"\x00" * 22 + b"\x01\x1e\x01vorbis", known.OGG),
        (b"#!AMR\n", known.AMR),
        (b"MThd\x00\x00\x00\x06\x00\x01", known.MIDI),
        (b"OggS\x00\x02" + b"\x00" * 22 + b"\x01\x2a\x80theora", known.OGG_VIDEO),
        (b"\x00\x00\x00\x08wide\x00\x00\x10\x00mdat", known.QUICKTIME),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf", known.AVIF),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1heicmiaf", known.HEIC),
        (b"\x00\x00\x00\x14ftypmif1\x00\x00\x00\x00mif1", known.HEIC),
        (b"\x00\x00\x00\x18ftyp3gp5\x00\x00\x00\x00isom3gp5", known.MP4),
        (b"%PDF-1.7\n", known.PDF),
        (b"%!PS-Adobe-3.0 EPSF-3.0", known.POSTSCRIPT),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", known.SVG),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a drawing -->\n<svg>", known.SVG),
        (b"<!-- saved --><SVG>", known.SVG),
        (b"\n <!DOCTYPE HTML><html>", known.WEB_PAGE),
        (b"<script>alert(1)</script>", known.WEB_PAGE),
        (b"PK\x03\x04\x14\x00", known.ZIP),
        (b"Rar!\x1a\x07\x01\x00", known.ARCHIVE),
        (b"\x1f\x8b\x08\x00", known.ARCHIVE),
        (b"\x7fELF\x02\x01\x01", known.PROGRAM),
        (b"MZ\x90\x00\x03\x00", known.PROGRAM),
        (b"8BPS\x00\x01", known.PHOTOSHOP),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n", known.JPEG_XL),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", known.OFFICE),
        (b"#EXTM3U\n#EXT-X-VERSION:3", known.PLAYLIST),
        (b"ffconcat version 1.0\nfile other.mp4", known.PLAYLIST),
        (b"Dear diary, this is no picture at all.", known.TEXT),
        ("Größe: 10 €".encode(), known.TEXT),
        ("not MP3 but UTF-16".encode("utf-16"), known.TEXT),
        (b"BMW and Mercedes are makers of cars", known.TEXT),
        (b"MZ is no greeting", known.TEXT),
        (b"GIF files are what I like", known.TEXT),
        (b"{}", known.TEXT),
        (("a" * (HEAD_BYTES - 1) + "é").encode()[:HEAD_BYTES], known.TEXT),
        (b"", None),
        (b"\x00" * 64, None),
        (b"RIFF\x00\x00\x00\x00ABCD", None),
        (b"\x89PNG\r\n", None),
        (b"caf\xe9 in Latin-1", None),
        (b"\xff\xff\xff\xff", None),
        (np.random.default_rng(7).bytes(HEAD_BYTES), None),
    ],
)
def test_beginnings_say_what_a_file_is(head: bytes, expected: Format | None) -> None:
    """Formats, their lookalikes, and what is nothing known."""
    assert sniff(head) == expected


@given(st.binary(max_size=200))
def test_any_bytes_are_looked_at_without_failing(head: bytes) -> None:
    """Whatever is posted, there is an answer."""
    found = sniff(head)
    assert found is None or found in ALL_FORMATS


@given(st.binary(max_size=64), st.binary(min_size=4, max_size=4))
def test_any_brands_make_some_container(rest: bytes, size: bytes) -> None:
    """Lying lengths in the head of an MP4's relative do no harm."""
    assert sniff(size + b"ftyp" + rest) in ALL_FORMATS


def test_every_format_that_is_refused_has_its_own_sentence() -> None:
    """Nobody reads the sentence for what is unknown when we know what it is."""
    catalogue = Catalogue.load("en")
    fallback = catalogue.text("media-unsupported", what="no such thing")
    refused = [each for each in ALL_FORMATS if not (each.decoder or each.demuxer)]
    sentences = {catalogue.text("media-unsupported", what=each.name) for each in refused}
    assert fallback not in sentences
    assert len(sentences) == len(refused) > 18


def test_every_picture_format_has_a_decoder() -> None:
    """Pillow knows each decoder by the name given here."""
    decoders = {each.decoder for each in ALL_FORMATS if each.family == "picture"}
    Image.init()
    assert decoders <= Image.OPEN.keys()
    assert all(not each.decoder for each in ALL_FORMATS if each.family != "picture")


def test_opened_containers_name_their_demuxer() -> None:
    """FFmpeg knows each; what is recognized but not opened has none."""
    named = {each.name: each.demuxer for each in ALL_FORMATS if each.demuxer}
    assert set(named.values()) == DEMUXERS - {"gif"}, "animations are pictures until somebody asks for a video"
    assert all(av.ContainerFormat(each, "r").is_input for each in named.values())
    assert all(each.family in {"sound", "video"} for each in ALL_FORMATS if each.demuxer)
    closed = {each.name for each in ALL_FORMATS if each.family in {"sound", "video"} and not each.demuxer}
    assert closed == {"aiff", "amr", "midi", "avi", "flv", "asf", "ogv"}
