"""Every sentence a user reads, by key, from `services/locales/<language>/*.ftl` (Fluent)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import babel
from fluent.runtime import FluentBundle, FluentResource

from services.domain import Failure

log = logging.getLogger(__name__)

LOCALES = Path(__file__).parent / "locales"
FALLBACK = "en"


class Catalogue:
    """Looks sentences up in one language, then in what it falls back to (de-AT, de, en)."""

    def __init__(self, language: str, bundles: list[FluentBundle]) -> None:
        self._language = language.replace("-", "_")
        self._bundles = bundles

    @classmethod
    def load(cls, language: str) -> Catalogue:
        """Load a language; folders that do not exist are passed over."""
        bundles = [_bundle(each) for each in _chain(language) if (LOCALES / each).is_dir()]
        return cls(language, bundles)

    def text(self, key: str, **values: str | float) -> str:
        """Return the sentence under a key, filled with its values.

        Raises:
            KeyError: No language has the key.
        """
        for bundle in self._bundles:
            if bundle.has_message(key):
                pattern = bundle.get_message(key).value
                if pattern is not None:
                    text, errors = bundle.format_pattern(pattern, values)
                    for error in errors:
                        log.error("Sentence %s could not be filled: %s", key, error)
                    return str(text)
        raise KeyError(key)

    def language_name(self, tag: str) -> str:
        """Return what a language is called; the tag itself where nobody knows, nothing for nothing."""
        try:
            return babel.Locale.parse(tag, sep="-").get_display_name(self._language) or tag
        except (ValueError, babel.UnknownLocaleError):
            return tag

    def failure(self, failure: Failure) -> str:
        """Return the sentence of a failure, with the reference that finds it in the log."""
        try:
            sentence = self.text(failure.code, **failure.params)
        except KeyError:
            log.exception("No sentence for %s", failure.code)
            sentence = self.text("unexpected")
        if not failure.reference:
            return sentence
        return f"{sentence} {self.text('reference', id=failure.reference)}"


def _chain(language: str) -> Iterator[str]:
    parts = language.split("-")
    for end in range(len(parts), 0, -1):
        yield "-".join(parts[:end])
    if parts[0] != FALLBACK:
        yield FALLBACK


@cache
def _bundle(language: str) -> FluentBundle:
    # Isolating marks would be stripped from what leaves anyway.
    bundle = FluentBundle([language], use_isolating=False)
    for file in sorted((LOCALES / language).glob("*.ftl")):
        bundle.add_resource(FluentResource(file.read_text("utf-8")))
    return bundle
