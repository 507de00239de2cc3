"""The usual ways with a video, each as one process: `python rivals.py WAY VIDEO [COUNT] [OUT]`.

Runs in the environment of `rivals.txt`, without the bot's packages, and prints one JSON object.
"""

# These packages are installed elsewhere.
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

LONG_SIDE = 768
QUALITY = 82


def spaced(seconds: float, count: int) -> list[float]:
    """Return the middles of so many equal parts."""
    return [seconds * (number + 0.5) / count for number in range(count)]


def moviepy_frames(video: str, count: int, out: str) -> dict[str, Any]:
    """Take frames with moviepy's `get_frame` in a loop."""
    from moviepy import VideoFileClip
    from PIL import Image

    with VideoFileClip(video, audio=False) as clip:
        for number, at in enumerate(spaced(clip.duration, count)):
            image = Image.fromarray(clip.get_frame(at))
            image.thumbnail((LONG_SIDE, LONG_SIDE))
            image.save(f"{out}/{number}.jpg", quality=QUALITY)
    return {}


def pydub_sound(video: str, _count: int, out: str) -> dict[str, Any]:
    """Load the whole sound with pydub, resample it, cut it every 30 s, write WAV files."""
    whole = load_sound(video)
    for number, start in enumerate(range(0, len(whole), 30_000)):
        whole[start : start + 30_000].export(f"{out}/{number}.wav", format="wav")
    return {}


def pydub_silence(video: str, _count: int, out: str) -> dict[str, Any]:
    """Load the whole sound with pydub, split it at silences (default step), write WAV files of up to 30 s."""
    from pydub.silence import split_on_silence

    parts = split_on_silence(load_sound(video), min_silence_len=300, silence_thresh=-40, keep_silence=True)
    pieces = parts[:1]
    for part in parts[1:]:
        if len(pieces[-1]) + len(part) <= 30_000:
            pieces[-1] += part
        else:
            pieces.append(part)
    for number, piece in enumerate(pieces):
        piece.export(f"{out}/{number}.wav", format="wav")
    return {"pieces": len(pieces)}


def load_sound(video: str) -> Any:
    """Return 16 kHz mono of the whole file; pydub finds no ffprobe, so the decoding is called directly."""
    import imageio_ffmpeg
    from pydub import AudioSegment

    AudioSegment.converter = imageio_ffmpeg.get_ffmpeg_exe()
    command = [AudioSegment.converter, "-v", "error", "-i", video, "-vn", "-f", "wav", "-"]
    decoded = io.BytesIO(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return AudioSegment.from_file(decoded, format="wav").set_frame_rate(16_000).set_channels(1)


def opencv_frames(video: str, count: int, out: str) -> dict[str, Any]:
    """Seek with OpenCV."""
    import cv2

    capture = cv2.VideoCapture(video)
    seconds = capture.get(cv2.CAP_PROP_FRAME_COUNT) / capture.get(cv2.CAP_PROP_FPS)
    for number, at in enumerate(spaced(seconds, count)):
        capture.set(cv2.CAP_PROP_POS_MSEC, at * 1000)
        found, frame = capture.read()
        if found:
            factor = LONG_SIDE / max(frame.shape[:2])
            small = cv2.resize(frame, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
            cv2.imwrite(f"{out}/{number}.jpg", small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return {}


def ffmpeg_frames(video: str, count: int, out: str) -> dict[str, Any]:
    """Start one ffmpeg a frame."""
    import imageio_ffmpeg

    program = imageio_ffmpeg.get_ffmpeg_exe()
    seconds = length(video)
    for number, at in enumerate(spaced(seconds, count)):
        command = [program, "-v", "error", "-ss", f"{at:.3f}", "-i", video, "-frames:v", "1"]
        subprocess.run(
            [*command, "-vf", f"scale={LONG_SIDE}:-2", "-q:v", "4", f"{out}/{number}.jpg"], check=True
        )
    return {}


def length(video: str) -> float:
    """Return a video's seconds."""
    import cv2

    capture = cv2.VideoCapture(video)
    return capture.get(cv2.CAP_PROP_FRAME_COUNT) / capture.get(cv2.CAP_PROP_FPS)


def scenedetect_times(video: str, _count: int, _out: str) -> dict[str, Any]:
    """Return the middles of the scenes that PySceneDetect finds."""
    from scenedetect import ContentDetector, detect

    scenes = detect(video, ContentDetector(), start_in_scene=True)
    return {"times": [(start.seconds + end.seconds) / 2 for start, end in scenes]}


WAYS: dict[str, Callable[[str, int, str], dict[str, Any]]] = {
    "moviepy": moviepy_frames,
    "pydub": pydub_sound,
    "pydub-silence": pydub_silence,
    "opencv": opencv_frames,
    "ffmpeg": ffmpeg_frames,
    "scenedetect": scenedetect_times,
}

if __name__ == "__main__":
    way, source, *rest = sys.argv[1:]
    wanted = int(rest[0]) if rest else 24
    folder = rest[1] if len(rest) > 1 else "."
    Path(folder).mkdir(parents=True, exist_ok=True)
    print(json.dumps(WAYS[way](source, wanted, folder)))
