"""Three pictures through decoding in limited children, with nothing but the run-time packages.

python -m tests.smoke
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from PIL import Image

from services.media.sandbox import Sandbox


async def main() -> None:
    """Decode a JPEG, a HEIC and an animation."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    sandbox = Sandbox(
        children=1, memory_bytes=1_610_612_736, wall_seconds=60, preload=["services.media.images"]
    )
    await sandbox.start()
    with tempfile.TemporaryDirectory() as folder:
        frames = [Image.new("RGB", (320, 200), colour) for colour in ("red", "green", "blue")]
        for name, decoder in (("a.jpg", "JPEG"), ("b.heic", "HEIF"), ("c.gif", "GIF")):
            path = Path(folder) / name
            if decoder == "GIF":
                frames[0].save(path, save_all=True, append_images=frames[1:], duration=100)
            else:
                frames[0].save(path)
            options = {"decoder": decoder, "max_pixels": 1_000_000, "long_side": 256, "moments": 3}
            result = await sandbox.run("services.media.images:decode", path, options)
            expected = 3 if decoder == "GIF" else 1
            assert len(result.payloads) == expected, (name, result.facts)
    await sandbox.aclose()
    sys.stdout.write(f"Smoke passed on Python {sys.version.split()[0]}\n")


if __name__ == "__main__":
    asyncio.run(main())
