"""What calls cost: from the API's own usage figures and the dated price table, never from guesses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from services.ai.protocols import Picture
from services.domain import Spend
from services.settings import Price

PER_MILLION = 1_000_000
PATCH_PIXELS = 32
TOKENS_PER_PATCH = 1.2
MAX_PATCHES = 2_500
"""Cap of detail "high", as measured on the GPT-5.6 and GPT-6 models in September 2026."""
INSTRUCTION_TOKENS = 700
DRAWN_TOKENS = {"low": 800, "medium": 3_200, "high": 6_400}
"""Output tokens of a million drawn pixels, as third parties reported of gpt-image-2.6 in November 2026; on
the careful side."""
CHARACTERS_PER_TOKEN = 3.0
"""On the careful side: English has about four."""


class PriceTable:
    """Prices calls by the table of the settings."""

    def __init__(self, prices: Mapping[str, Price]) -> None:
        self._prices = prices

    def spend(
        self, role: str, model: str, *, input_tokens: int, cached_tokens: int, output_tokens: int
    ) -> Spend:
        """Return what a call cost; `usd` is None for a model without a row."""
        price = self._prices.get(model)
        usd = None
        if price is not None:
            cached_price = price.input if price.cached is None else price.cached
            usd = (
                (input_tokens - cached_tokens) * price.input
                + cached_tokens * cached_price
                + output_tokens * price.output
            ) / PER_MILLION
        return Spend(role, model, input_tokens, cached_tokens, output_tokens, usd)

    def sound(self, role: str, model: str, *, seconds: float) -> Spend:
        """Return what transcribing so much sound cost, for models that are paid by the minute."""
        return Spend(role, model, 0, 0, 0, self.estimate_sound(model, seconds=seconds))

    def estimate_sound(self, model: str, *, seconds: float) -> float | None:
        """Return the price of transcribing so much sound, in USD; None without a price a minute."""
        price = self._prices.get(model)
        return None if price is None or price.minute is None else seconds / 60 * price.minute

    def drawing(
        self, role: str, model: str, *, text_tokens: int, picture_tokens: int, output_tokens: int
    ) -> Spend:
        """Return what drawing a picture cost; `usd` is None without the prices of an image model."""
        price = self._prices.get(model)
        usd = None
        if price is not None and price.image_output is not None:
            given = price.input if price.image_input is None else price.image_input
            usd = (
                text_tokens * price.input + picture_tokens * given + output_tokens * price.image_output
            ) / PER_MILLION
        return Spend(role, model, text_tokens + picture_tokens, 0, output_tokens, usd)

    def estimate_drawing(
        self, model: str, *, characters: int, given_pixels: int, drawn_pixels: int, quality: str
    ) -> float | None:
        """Return what drawing a picture may cost, in USD; None without the prices of an image model.

        Args:
            given_pixels: Of all pictures that go along.
        """
        per_million = DRAWN_TOKENS.get(quality, DRAWN_TOKENS["high"])
        return self.drawing(
            "",
            model,
            text_tokens=math.ceil(characters / CHARACTERS_PER_TOKEN),
            picture_tokens=math.ceil(given_pixels / PATCH_PIXELS**2),
            output_tokens=math.ceil(per_million * drawn_pixels / PER_MILLION),
        ).usd

    def estimate(
        self, model: str, *, characters: int, pictures: Sequence[Picture], max_output_tokens: int
    ) -> float | None:
        """Return what a call may cost at most, in USD, before it is made; None without a price."""
        price = self._prices.get(model)
        if price is None:
            return None
        tokens = characters / CHARACTERS_PER_TOKEN + INSTRUCTION_TOKENS + sum(map(picture_tokens, pictures))
        return (tokens * price.input + max_output_tokens * price.output) / PER_MILLION


def picture_tokens(picture: Picture) -> int:
    """Return the tokens that a picture is counted as with detail "high"."""
    patches = math.ceil(picture.width / PATCH_PIXELS) * math.ceil(picture.height / PATCH_PIXELS)
    return math.ceil(TOKENS_PER_PATCH * min(patches, MAX_PATCHES))
