"""What a call cost, by figures of a server that need not be what its description promises."""

from __future__ import annotations

from services.ai.prices import PriceTable
from services.domain import Spend

_MOST_TOKENS = 1_000_000_000
"""No call has more; greater numbers are none that one could reckon with."""


def tokens_spent(
    prices: PriceTable,
    role: str,
    model: str,
    *,
    input_tokens: object = None,
    cached_tokens: object = None,
    output_tokens: object = None,
) -> Spend:
    """Return what a call cost; without a price where the server does not tell both counts."""
    given, made = _count(input_tokens), _count(output_tokens)
    if given is None or made is None:
        return Spend(role, model, given or 0, 0, made or 0, None)
    cached = min(_count(cached_tokens) or 0, given)
    return prices.spend(role, model, input_tokens=given, cached_tokens=cached, output_tokens=made)


def _count(value: object) -> int | None:
    """Return a count of tokens, or None for what is none."""
    return value if type(value) is int and 0 <= value <= _MOST_TOKENS else None
