"""Strangers' files that a killed process left behind: removed by whoever fetches next."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

FOLDER_PREFIX = "isthmus-media-"
STALE_SECONDS = 3600.0
"""Much longer than any file is needed, so that no other process loses one that it is using."""


class Leftovers:
    """Clears the folder for temporary files, at most once in `STALE_SECONDS`."""

    def __init__(self) -> None:
        self._due = 0.0

    def clear(self) -> None:
        """Remove what is stale."""
        now = time.time()
        if now < self._due:
            return
        self._due = now + STALE_SECONDS
        for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
            try:
                is_stale = now - folder.lstat().st_mtime > STALE_SECONDS
            except OSError:
                continue
            if is_stale:
                shutil.rmtree(folder, ignore_errors=True)
