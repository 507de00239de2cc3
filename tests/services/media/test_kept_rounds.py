"""Which rounds the strip of a long refinement shows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.media.strip import kept_rounds


@given(count=st.integers(0, 200), best=st.integers(-1, 199))
def test_kept_rounds(count: int, best: int) -> None:
    """First, best and the last two are among what is kept, in order and never more than there is room for."""
    best = min(best, count - 1)
    kept = kept_rounds(count, best, 11)
    assert kept == sorted(set(kept))
    assert len(kept) == min(count, 11)
    assert {0, best, count - 1, count - 2} - {-1, -2} <= set(kept) or count < 2
