"""Every code that can be raised has a sentence, and every sentence is used."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from services.catalogue import LOCALES, Catalogue
from services.domain import Failure

ROOT = Path(__file__).parent.parent.parent
_KEY = re.compile(r"^([a-z][a-z0-9-]*) =", re.MULTILINE)
_WORDLIKE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+|unexpected|reference|spent|stopped")
BUILT = re.compile(
    r"phase-[\w-]+|budget-(person|server|total)-(requests|money)"
    r"|(describe|transcribe|summarize)-what|menu-(describe|transcribe|summarize)|length-(short|normal|long)"
    r"|offline-(asks|tells)-(when|where|who|price|number)"
)
"""Keys that are put together at run time."""


def sentences() -> set[str]:
    return {key for file in (LOCALES / "en").glob("*.ftl") for key in _KEY.findall(file.read_text())}


def strings_in_code() -> set[str]:
    found: set[str] = set()
    for folder in ("services", "cogs"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return found | set(re.findall(r'"([\w-]+)"', (ROOT / "bot.py").read_text()))


def raised_codes() -> set[str]:
    codes: set[str] = set()
    for folder in ("services", "cogs"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if not isinstance(node, ast.Call) or not node.args:
                    continue
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                first = node.args[0]
                if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
                    continue
                if (name.endswith("Error") or name == "text") and _WORDLIKE.fullmatch(first.value):
                    codes.add(first.value)
    return codes


def test_every_code_has_a_sentence() -> None:
    """Nothing can be raised or shown that the catalogue does not know."""
    assert raised_codes() - sentences() == set()


def test_every_sentence_is_used() -> None:
    """No sentence is left over."""
    unused = {key for key in sentences() - strings_in_code() if not BUILT.fullmatch(key)}
    assert unused == set()


def test_failure_names_its_reference() -> None:
    """The sentence of a failure ends with the id that stands in the log."""
    said = Catalogue.load("de-AT").failure(Failure("media-too-big", {"limit": "25 MB"}, "7KQ2M"))
    assert "25 MB" in said
    assert said.endswith("(reference 7KQ2M)")
