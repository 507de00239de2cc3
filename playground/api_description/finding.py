"""Where the official descriptions are. They are not part of this repository."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

FILES = {"discord": "discord-openapi.json.gz", "openai": "openai-openapi.json.gz"}
_BESIDE_THE_REPOSITORY = Path(__file__).parents[3] / "shared" / "specs"


def find_description(name: Literal["discord", "openai"]) -> Path | None:
    """Return the path of a description; None when it is not there.

    It is looked for in the folder that ISTHMUS_SPECS names, or else in `../shared/specs`. Who needs
    it and finds none says so.
    """
    path = Path(os.environ.get("ISTHMUS_SPECS") or _BESIDE_THE_REPOSITORY) / FILES[name]
    return path if path.is_file() else None
