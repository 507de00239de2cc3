"""Of a video a model sees the few frames that show the most, each at its exact time, whatever the file is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from playground.models import markers
from services.errors import MediaError
from services.media.sandbox import Sandbox
from tests.pictures import animation
from tests.services.media.decoding import difference
from tests.videos import SIZE, Timed, marked, moving, slide, turn, video

pytestmark = pytest.mark.asyncio(loop_scope="module")
FPS = 25
EXACT = 0.05
FIXED = {"x264-params": "keyint=50:min-keyint=50:scenecut=0"}
"""A keyframe every two seconds, wherever the cuts are."""
NO_KEYFRAMES = {"x264-params": "keyint=100000:scenecut=0"}


class Seen:
    """What came out of a file."""

    def __init__(self, facts: dict[str, Any], folder: Path) -> None:
        self.facts = facts
        self._folder = folder

    @property
    def times(self) -> list[float]:
        return [each["time"] for each in self.facts["frames"]]

    @property
    def pictures(self) -> list[Image.Image]:
        found: list[Image.Image] = []
        for each in self.facts["frames"]:
            with Image.open(self._folder / each["file"]) as picture:
                picture.load()
                found.append(picture)
        return found

    @property
    def numbers(self) -> list[int | None]:
        """Return the markers, that is, which frames of the source these are."""
        return [markers.read(each) for each in self.pictures]


class Viewer:
    """Looks at a file in the sandbox."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self._sandbox = sandbox
        self._folder = folder
        self._count = 0

    async def __call__(self, path: Path, demuxer: str = "mov", **options: Any) -> Seen:
        self._count += 1
        out = self._folder / f"out-{self._count}"
        out.mkdir()
        given = {
            "demuxer": demuxer,
            "count": 12,
            "long_side": 768,
            "screen_long_side": 1280,
            "max_pixels": 36_000_000,
            "max_seconds": 60,
            "out": str(out),
        }
        result = await self._sandbox.run("services.media.video:frames", path, given | options, wall_seconds=120)
        assert result.payloads == ()
        return Seen(dict(result.facts), out)


@pytest.fixture
def look(decoding_sandbox: Sandbox, tmp_path: Path) -> Viewer:
    return Viewer(decoding_sandbox, tmp_path)


def shots_in(seen: Seen, shots: Sequence[tuple[int, float]]) -> list[int]:
    """Return the scene that each frame shows."""
    ends = np.cumsum([seconds for _, seconds in shots])
    return [shots[int(np.searchsorted(ends, at + 1e-6, side="right"))][0] for at in seen.times]


def exactly_placed(seen: Seen, *, start: float = 0) -> bool:
    """Tell whether each frame is the one that the source has at that time."""
    expected = [round((at - start) * FPS) for at in seen.times]
    return seen.numbers == expected


@pytest.mark.parametrize(
    ("name", "codec", "demuxer", "options"),
    [
        ("v.mp4", "libx264", "mov", {}),
        ("v.mp4", "libx264", "mov", FIXED),
        ("v.mp4", "libx264", "mov", NO_KEYFRAMES),
        ("v.mov", "libx265", "mov", {}),
        ("v.mp4", "libsvtav1", "mov", {"preset": "12"}),
        ("v.mp4", "mpeg4", "mov", {}),
        ("v.mkv", "libx264", "matroska", {}),
        ("v.webm", "libvpx-vp9", "matroska", {"deadline": "realtime", "cpu-used": "8"}),
        ("v.webm", "libvpx", "matroska", {"deadline": "realtime", "cpu-used": "8"}),
    ],
)
async def test_every_codec_gives_exact_frames_of_all_shots(
    look: Viewer, tmp_path: Path, name: str, codec: str, demuxer: str, options: dict[str, str]
) -> None:
    """All shots are shown, first and last frame too, and each frame is the one of its time."""
    shots = [(0, 1.6), (1, 1.6), (2, 1.0), (0, 1.6), (3, 2.0)]
    path = video(tmp_path / name, marked(shots), codec=codec, options=options)
    seen = await look(path, demuxer)
    assert exactly_placed(seen)
    assert set(shots_in(seen, shots)) == {0, 1, 2, 3}
    assert (seen.times[0], seen.times[-1]) == (0.0, pytest.approx(7.76, abs=EXACT))
    assert seen.facts["seconds"] == pytest.approx(7.8, abs=EXACT)
    assert (seen.facts["width"], seen.facts["height"]) == SIZE
    assert seen.facts["fps"] == pytest.approx(FPS, abs=0.1)
    assert seen.facts["read_until"] is None


@pytest.mark.parametrize(("name", "demuxer"), [("v.mp4", "mov"), ("v.mkv", "matroska")])
async def test_clock_starts_with_the_sound(look: Viewer, tmp_path: Path, name: str, demuxer: str) -> None:
    """A picture that begins after the sound has later times."""
    path = video(tmp_path / name, marked([(0, 2), (1, 2)]), start=1.5, sound_seconds=4)
    seen = await look(path, demuxer)
    assert seen.facts["start"] == pytest.approx(1.5, abs=EXACT)
    assert seen.times[0] == pytest.approx(1.5, abs=EXACT)
    assert exactly_placed(seen, start=1.5)
    assert seen.facts["seconds"] == pytest.approx(5.5, abs=EXACT)


async def test_clock_of_a_single_late_stream_starts_with_it(look: Viewer, tmp_path: Path) -> None:
    """Where nothing comes before the picture, its start is time 0."""
    seen = await look(video(tmp_path / "v.mkv", marked([(0, 2)]), start=7), "matroska")
    assert seen.times[0] == 0.0
    assert exactly_placed(seen)


async def test_uneven_frames_have_their_own_times(look: Viewer, tmp_path: Path) -> None:
    """With variable frame rate, times are those of the frames, not multiples of a rate."""
    at = [0, 0.1, 0.5, 3, 3.04, 7.2, 9]
    frames = [Timed(time, markers.stamp(moving(index, 0), index)) for index, time in enumerate(at)]
    path = video(tmp_path / "v.mp4", frames)
    seen = await look(path)
    assert [at[number or 0] for number in seen.numbers] == pytest.approx(seen.times, abs=0.001)
    asked = await look(path, at=[2.9, 8.5])
    assert asked.numbers == [2, 5], "what stands on the screen at a time is the frame that began before"


async def test_returning_shots_are_shown_once(look: Viewer, tmp_path: Path) -> None:
    """A conversation cut back and forth takes two places and those that keep the gaps short."""
    shots = [(0, 2), (1, 2)] * 5
    # Without markers, which would make every frame another.
    frames = [Timed(n / FPS, moving(n // 50 % 2, n % 50 / 500)) for n in range(500)]
    seen = await look(video(tmp_path / "v.mp4", frames), gap_share=1.0)
    assert sorted(set(shots_in(seen, shots))) == [0, 1]
    assert len(seen.times) <= 4


async def test_picture_that_never_changes_is_one_frame(look: Viewer, tmp_path: Path) -> None:
    """More of the same would cost and tell nothing."""
    still = moving(1, 0)
    seen = await look(video(tmp_path / "v.mp4", [Timed(n / FPS, still) for n in range(200)]))
    assert seen.times == [0.0]


async def test_second_long_insert_is_found(look: Viewer, tmp_path: Path) -> None:
    """What is seen for a second between two keyframes is not lost."""
    shots = [(0, 5.3), (1, 1), (0, 6), (2, 1), (0, 4.7)]
    seen = await look(video(tmp_path / "v.mp4", marked(shots), options=FIXED))
    assert set(shots_in(seen, shots)) == {0, 1, 2}


async def test_last_state_of_a_slide_stands_for_those_before(look: Viewer, tmp_path: Path) -> None:
    """Lines that are added to a slide are shown once, all together and large; a line that goes is news."""
    lines = [f"Line {number} of the chapter" for number in range(3)]
    states = [slide("First", lines[:count]) for count in (0, 1, 2, 3, 1)]
    states += [slide("Second", lines[:count]) for count in range(4)]
    ImageDraw.Draw(states[2]).rectangle((900, 500, 914, 516), fill="black")
    frames = [Timed(number / 10, states[number // 40]) for number in range(40 * len(states))]
    path = video(tmp_path / "v.mp4", frames, fps=10)
    seen = await look(path, gap_share=1.0)
    assert seen.facts["content"] == "screen"
    assert [int(at // 4) for at in seen.times] == [0, 3, 4, 8]
    assert all(each.size == (1280, 720) for each in seen.pictures)
    shown = [states[int(at // 4)] for at in seen.times]
    assert max(difference(each, state) for each, state in zip(seen.pictures, shown, strict=True)) < 2
    # Where nothing but lines is added for long, there are pictures on the way all the same.
    assert max(np.diff((await look(path, gap_share=1 / 4)).times)) <= 36 / 4


async def test_night_sky_is_no_slide(look: Viewer, tmp_path: Path) -> None:
    """A camera that moves over stars on black shows one thing, not another at every step."""
    frames = [Timed(number / 5, moving(4, number / 60, (768, 432))) for number in range(60)]
    seen = await look(video(tmp_path / "v.mp4", frames, fps=5), gap_share=1.0)
    assert len(seen.times) <= 3


async def test_only_soft_pictures_come_small(look: Viewer, tmp_path: Path) -> None:
    """A picture that loses nothing by it is made smaller; small letters and a question keep it large."""
    soft, signed = (moving(1, 0, (768, 432)).filter(ImageFilter.GaussianBlur(2)) for _ in range(2))
    soft = soft.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    ImageDraw.Draw(signed).text((500, 300), "platform 4", font=ImageFont.load_default(11), fill="white")
    frames = [Timed(number / FPS, (soft, signed)[number // 25]) for number in range(50)]
    path = video(tmp_path / "v.mp4", frames)
    seen = await look(path, soft_long_side=512)
    assert {(at < 1, each.size) for at, each in zip(seen.times, seen.pictures, strict=True)} == {
        (True, (512, 288)),
        (False, (768, 432)),
    }
    assert (await look(path, soft_long_side=512, at=[0.5])).pictures[0].size == (768, 432)


async def test_blank_and_fading_frames_are_not_chosen(look: Viewer, tmp_path: Path) -> None:
    """Black between two scenes, and the way into it, show nothing."""
    black = Image.new("RGB", SIZE)
    one, two = moving(0, 0), moving(1, 0)
    dark = [1 - abs(n) / 25 for n in range(-25, 26)]
    frames = [black] * 30 + [one] * 60
    frames += [Image.blend(one if n < 25 else two, black, part) for n, part in enumerate(dark)]
    frames += [two] * 60 + [black] * 30
    seen = await look(video(tmp_path / "v.mp4", [Timed(n / FPS, each) for n, each in enumerate(frames)]))
    assert min(np.asarray(each.convert("L")).mean() for each in seen.pictures) > 40
    assert {min((0, 1), key=lambda n: difference(each, (one, two)[n])) for each in seen.pictures} == {0, 1}


async def test_black_video_is_still_shown(look: Viewer, tmp_path: Path) -> None:
    """Where there is nothing else, a black frame says so."""
    frames = [Timed(n / FPS, Image.new("RGB", SIZE)) for n in range(50)]
    assert (await look(video(tmp_path / "v.mp4", frames))).times == [0.0]


@pytest.mark.parametrize(("turned", "size"), [(90, (180, 320)), (180, (320, 180)), (270, (180, 320))])
async def test_turned_videos_come_out_as_players_show_them(
    look: Viewer, tmp_path: Path, turned: int, size: tuple[int, int]
) -> None:
    """A telephone's rotation is applied."""
    seen = await look(turn(video(tmp_path / "v.mp4", marked([(0, 1)])), turned))
    assert (seen.facts["width"], seen.facts["height"]) == size
    assert {each.size for each in seen.pictures} == {size}
    assert markers.find(seen.pictures[0]) == markers.Mark(0, turned)


async def test_frames_at_asked_times(look: Viewer, tmp_path: Path) -> None:
    """A list of times gives exactly those frames, from wherever decoding must start."""
    path = video(tmp_path / "v.mp4", marked([(0, 5), (1, 5)]), options=NO_KEYFRAMES)
    seen = await look(path, at=[9.1, 0.49, 5.0, 5.01, 99.0])
    assert seen.numbers == [12, 125, 227, 249] or seen.numbers == [12, 125, 228, 249]
    assert exactly_placed(seen)


async def test_closer_look_at_a_part(look: Viewer, tmp_path: Path) -> None:
    """A window is looked at more densely, from its first frame to its last."""
    path = video(tmp_path / "v.mp4", marked([(n, 1.5) for n in range(12)]), options=FIXED)
    seen = await look(path, "mov", **{"from": 4.2, "to": 8.4})
    assert exactly_placed(seen)
    assert seen.times[0] == pytest.approx(4.2, abs=EXACT)
    assert seen.times[-1] == pytest.approx(8.4, abs=EXACT)
    assert {int(at // 1.5) for at in seen.times} == {2, 3, 4, 5}


@pytest.mark.parametrize(
    ("name", "demuxer", "muxing"),
    [
        ("v.mp4", "mov", {"movflags": "+faststart"}),
        ("v.mp4", "mov", {"movflags": "frag_keyframe+empty_moov"}),
        ("v.mkv", "matroska", {}),
    ],
)
async def test_cut_short_file_is_read_as_far_as_it_goes(
    look: Viewer, tmp_path: Path, name: str, demuxer: str, muxing: dict[str, str]
) -> None:
    """Half of a file gives half of the frames, and says where it ends."""
    path = video(tmp_path / name, marked([(n, 2) for n in range(8)]), options=FIXED, muxing=muxing)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    seen = await look(path, demuxer)
    assert exactly_placed(seen)
    assert 5 < seen.facts["seconds"] < 12
    assert seen.times[-1] == pytest.approx(seen.facts["seconds"], abs=0.3)
    if "frag" not in muxing.get("movflags", ""):  # Fragments do not say how many there should be.
        assert seen.facts["read_until"] == seen.facts["seconds"]


async def test_damaged_middle_is_skipped(look: Viewer, tmp_path: Path) -> None:
    """Noise inside a file costs the frames that it hits, not those behind it."""
    path = video(tmp_path / "v.mp4", marked([(n, 2) for n in range(8)]), options=FIXED, faststart=True)
    data = bytearray(path.read_bytes())
    half = len(data) // 2
    data[half : half + half // 4] = os.urandom(half // 4)
    path.write_bytes(data)
    seen = await look(path)
    assert (seen.numbers[0], seen.numbers[-1]) == (0, 399)
    assert len(seen.times) > 6


@pytest.mark.parametrize("seconds", [0.04, 0.2])
async def test_very_short_clip(look: Viewer, tmp_path: Path, seconds: float) -> None:
    """One frame, or five, are enough."""
    seen = await look(video(tmp_path / "v.mp4", marked([(0, seconds)])))
    assert seen.numbers[0] == 0
    assert exactly_placed(seen)
    assert seen.facts["seconds"] == pytest.approx(seconds, abs=0.001)


async def test_animation_as_a_video(look: Viewer, tmp_path: Path) -> None:
    """A GIF has one keyframe; its frames are found all the same."""
    path = tmp_path / "v.gif"
    path.write_bytes(
        animation([each.picture for each in marked([(0, 1), (1, 1), (2, 1)], fps=10)], duration=100)
    )
    seen = await look(path, "gif")
    assert seen.numbers == [round(at * 10) for at in seen.times]
    assert {(number or 0) // 10 for number in seen.numbers} == {0, 1, 2}


@pytest.mark.parametrize(("codec", "pixels"), [("libx265", "yuv420p10le"), ("libx264", "yuv444p")])
async def test_other_pixel_formats_keep_their_colours(
    look: Viewer, tmp_path: Path, codec: str, pixels: str
) -> None:
    """Ten bits and full colour resolution come out as eight bits of the same colours."""
    frames = marked([(0, 0.4)])
    seen = await look(video(tmp_path / "v.mp4", frames, codec=codec, pixels=pixels))
    assert difference(seen.pictures[0], frames[0].picture) < 6


async def test_high_dynamic_range_is_brought_down(look: Viewer, tmp_path: Path) -> None:
    """White paper in PQ (203 cd/m2) comes out bright, its dark half dark; untouched it would be grey."""
    paper = round(255 * 0.58)  # The PQ signal of 203 cd/m2.
    picture = Image.new("RGB", (320, 180), (paper,) * 3)
    picture.paste((20, 20, 20), (0, 0, 160, 180))
    colour = {"color_trc": 16, "color_primaries": 9, "colorspace": 9}
    frames = [Timed(n / FPS, picture) for n in range(5)]
    path = video(tmp_path / "v.mp4", frames, codec="libx265", pixels="yuv420p10le", colour=colour)
    grey = np.asarray((await look(path)).pictures[0].convert("L"))
    assert grey[:, 200:].mean() > 215
    assert grey[:, :120].mean() < 25


async def test_hybrid_log_gamma_is_brought_down(look: Viewer, tmp_path: Path) -> None:
    """White paper in HLG (signal 0.75) comes out bright, its dark half dark."""
    picture = Image.new("RGB", (320, 180), (round(255 * 0.75),) * 3)
    picture.paste((20, 20, 20), (0, 0, 160, 180))
    colour = {"color_trc": 18, "color_primaries": 9, "colorspace": 9}
    frames = [Timed(n / FPS, picture) for n in range(5)]
    path = video(tmp_path / "v.mp4", frames, codec="libx265", pixels="yuv420p10le", colour=colour)
    grey = np.asarray((await look(path)).pictures[0].convert("L"))
    assert grey[:, 200:].mean() > 205
    assert grey[:, :120].mean() < 25


async def test_interlaced_frames_show_one_moment(look: Viewer, tmp_path: Path) -> None:
    """The two fields of a frame are two moments: mixed, edges of what moves would be combs."""
    lines = np.zeros((180, 320, 3), np.uint8)
    lines[::2] = 235
    frames = [Timed(n / FPS, Image.fromarray(lines)) for n in range(5)]
    path = video(tmp_path / "v.mp4", frames, options={"x264-params": "tff=1", "crf": "5"})
    [picture] = (await look(path)).pictures
    grey = np.asarray(picture.convert("L")).astype(int)
    assert np.abs(np.diff(grey, axis=0)).max() < 20
    assert grey.mean() > 200
    assert picture.size == (320, 180)


async def test_pixels_that_are_not_square_are_made_so(look: Viewer, tmp_path: Path) -> None:
    """A circle on an anamorphic recording is round again, and the size is what players show."""
    picture = Image.new("L", (240, 180))
    ImageDraw.Draw(picture).ellipse((75, 30, 165, 150), fill=255)  # Three quarters as wide as high.
    square = {"sample_aspect_ratio": Fraction(4, 3)}
    path = video(tmp_path / "v.mp4", [Timed(0, picture.convert("RGB"))], colour=square)
    seen = await look(path)
    rows, columns = np.nonzero(np.asarray(seen.pictures[0].convert("L")) > 127)
    assert (seen.facts["width"], seen.facts["height"]) == (320, 180)
    assert np.ptp(columns) == pytest.approx(np.ptp(rows), abs=4)


async def test_webm_as_browsers_record_it(look: Viewer, tmp_path: Path) -> None:
    """Without an index and without a length, all shots are found, at their times."""
    fast = {"deadline": "realtime", "cpu-used": "8"}
    shots = [(0, 2), (1, 1), (2, 2)]
    frames = marked(shots)
    path = video(tmp_path / "v.webm", frames, codec="libvpx", options=fast, muxing={"live": "1"})
    assert b"\x1c\x53\xbb\x6b" not in path.read_bytes(), "no cues"
    seen = await look(path, "matroska")
    assert exactly_placed(seen)
    assert set(shots_in(seen, shots)) == {0, 1, 2}
    assert seen.facts["seconds"] == pytest.approx(5, abs=EXACT)
    assert seen.facts["read_until"] is None


async def test_file_without_its_table_is_broken(look: Viewer, tmp_path: Path) -> None:
    """An upload that broke off before the table at its end cannot be read at all."""
    path = video(tmp_path / "v.mp4", marked([(0, 1)]))
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"moov") - 4])
    with pytest.raises(MediaError, match="media-broken"):
        await look(path)


async def test_frames_carry_no_metadata(look: Viewer, tmp_path: Path) -> None:
    """Nothing but pixels comes out."""
    seen = await look(video(tmp_path / "v.mp4", marked([(0, 1)])))
    for each in seen.pictures:
        assert not each.getexif()
        assert not {"comment", "icc_profile", "exif"} & each.info.keys()


async def test_file_with_sound_alone_has_no_picture(look: Viewer, tmp_path: Path) -> None:
    """That is a fact about a file, not a defect of it."""
    whole = video(tmp_path / "v.mkv", marked([(0, 1)]), sound_seconds=2)
    import av

    with av.open(str(whole)) as source, av.open(str(tmp_path / "sound.mp4"), "w") as target:
        copy = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = copy
                target.mux(packet)
    seen = await look(tmp_path / "sound.mp4")
    assert not seen.facts["has_picture"]
    assert seen.times == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        os.urandom(50_000),
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile in.mp4\n",
    ],
    ids=["empty", "noise", "playlist", "list of files"],
)
@pytest.mark.parametrize("demuxer", ["mov", "matroska"])
async def test_what_is_no_video_is_refused(look: Viewer, tmp_path: Path, data: bytes, demuxer: str) -> None:
    """Whatever a file is called, nothing else than its container is tried."""
    path = tmp_path / "v.mp4"
    path.write_bytes(data)
    with pytest.raises(MediaError, match="media-broken"):
        await look(path, demuxer)


async def test_huge_frames_are_refused_before_they_are_decoded(look: Viewer, tmp_path: Path) -> None:
    """A few kilobytes that would fill a gigabyte do not get to."""
    path = tmp_path / "v.mp4"
    video(path, [Timed(0, Image.new("RGB", (6400, 6000)))], options={"x264-params": "threads=1"})
    with pytest.raises(MediaError, match=r"media-too-many-pixels|media-broken"):
        await look(path)


async def test_decoding_stops_at_its_time(look: Viewer, tmp_path: Path) -> None:
    """When time is up, what was decoded has to do; a second later is as good as never."""
    path = video(tmp_path / "v.mp4", marked([(n, 2) for n in range(8)]), options=NO_KEYFRAMES)
    seen = await look(path, max_seconds=0.02)
    assert len(seen.times) <= 2
