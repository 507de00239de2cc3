"""How long the picture work of a refinement takes, from bytes to checked bytes, in the real sandbox.

    ./dev bench pictures [--times 10]

Medians. The original is a photograph of 1536 x 1024 px as JPEG, the rounds' pictures are PNG of the same size.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

from PIL import Image, ImageFilter

from services.media.picture_studio import STUDIO_MODULES, PictureStudio
from services.media.sandbox import Sandbox
from services.media.sizes import CLASSIC_SIZES, Size, fit
from services.media.studio_types import Chart, Panel, Shape
from services.settings import LimitSettings
from tests.pictures import animation, encoded, photo

SIZE = Size(1536, 1024)
NAMES = ("astronaut", "chelsea", "coffee", "rocket", "camera", "moon", "coins", "page", "brick")
Work = Callable[[], Awaitable[object]]


async def main(times: int) -> None:
    """Time each kind of work and print a table."""
    limits = LimitSettings()
    sandbox = Sandbox(
        children=1,
        memory_bytes=limits.decode_memory_bytes,
        wall_seconds=5 * limits.decode_seconds,
        preload=["services.media.images", *STUDIO_MODULES],
    )
    await sandbox.start()
    print("| work | median | slowest |\n|---|---|---|")
    try:
        for name, work in (await _works(PictureStudio(sandbox=sandbox, limits=limits))).items():
            taken = [await _seconds(work) for _ in range(times)]
            print(f"| {name} | {1000 * statistics.median(taken):.0f} ms | {1000 * max(taken):.0f} ms |")
    finally:
        await sandbox.aclose()


async def _works(studio: PictureStudio) -> dict[str, Work]:
    picture = photo("coffee").resize(SIZE, Image.Resampling.LANCZOS)
    original = encoded(picture, "JPEG", quality=92)
    rounds = [encoded(picture.filter(ImageFilter.GaussianBlur(8 - n)), "PNG") for n in range(8)]
    panels = [
        Panel(data, f"Round {n}", f"Judge {40 + 5 * n}", f"Measured {35 + 5 * n}")
        for n, data in enumerate(rounds, 1)
    ]
    plan = fit(SIZE, CLASSIC_SIZES)
    shapes = [Shape.box(0.2, 0.2, 0.5, 0.6)]
    mask = await studio.mask_from_shapes(shapes, plan)
    frames = [photo(name).resize((640, 480)) for name in NAMES]
    moving = animation(frames, "WEBP", duration=500)
    scores = [40.0 + 5 * n for n in range(8)]
    chart = Chart(scores, scores[::-1], 7, "Judge", "Measured", "Best", "Round", "Similarity")

    def strip(count: int) -> Work:
        return lambda: studio.strip(
            original, title="Original", panels=panels[:count], best=count - 1, best_label="Best"
        )

    return {
        "prepare_edit": lambda: studio.prepare_edit(original, plan),
        "clean": lambda: studio.clean(rounds[0], plan),
        "measure, one candidate": lambda: studio.measure(original, rounds[:1]),
        "strip, 1 round": strip(1),
        "strip, 3 rounds": strip(3),
        "strip, 8 rounds": strip(8),
        "chart, 8 rounds": lambda: studio.chart(chart),
        "mask_from_shapes": lambda: studio.mask_from_shapes(shapes, plan),
        "read_mask": lambda: studio.read_mask(
            mask.picture.data, width=SIZE.width, height=SIZE.height, fit=plan
        ),
        "overlay": lambda: studio.overlay(original, mask, plan),
        "frame_sheet, 9 frames": lambda: studio.frame_sheet(moving),
        "frame": lambda: studio.frame(moving, 2.0, long_side=1568),
    }


async def _seconds(work: Work) -> float:
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=10)
    asyncio.run(main(parser.parse_args().times))
