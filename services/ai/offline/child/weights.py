"""Checks that weights are the very files that were tried, before anything reads them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from services.ai.offline.child.errors import MissingPartError


def check(folder: Path, digests: Mapping[str, str]) -> None:
    """Compare files with their SHA-256 digests.

    Raises:
        MissingPartError: A file is not there or is another one.
    """
    for name, expected in digests.items():
        try:
            with (folder / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            raise MissingPartError(name) from None
        if found != expected:
            raise MissingPartError(name)
