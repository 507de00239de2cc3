"""What is asked of an image model is always allowed, and comes back in the original's shape."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.media.sizes import CLASSIC_SIZES, FREE_SIZES, Box, Fit, Size, SizeRule, fit

sides = st.integers(1, 20_000)
shapes = st.builds(Size, sides, sides)
rules = st.sampled_from([CLASSIC_SIZES, FREE_SIZES, SizeRule(target_pixels=3840 * 2160), SizeRule(multiple=64)])


def is_same_shape(box: Size, original: Size, *, within: float = 1.0) -> bool:
    """Tell whether a box has the original's aspect, but for rounding to whole px."""
    return (
        abs(box.width - box.height * original.aspect) <= within
        or abs(box.height - box.width / original.aspect) <= within
    )


@given(original=shapes, rule=rules)
@example(original=Size(1, 1), rule=FREE_SIZES)
@example(original=Size(1, 20_000), rule=FREE_SIZES)
@example(original=Size(20_000, 1), rule=CLASSIC_SIZES)
def test_request_is_allowed_and_holds_the_original(original: Size, rule: SizeRule) -> None:
    """Whatever the shape: an allowed size, a box inside of it, the aspect kept within a pixel."""
    plan = fit(original, rule)
    assert rule.allows(plan.request)
    assert 0 <= plan.box.left < plan.box.right <= plan.request.width
    assert 0 <= plan.box.top < plan.box.bottom <= plan.request.height
    assert is_same_shape(plan.box.size, original)
    assert plan.box.size.width == plan.request.width or plan.box.size.height == plan.request.height


@given(original=shapes, rule=rules, generated=st.builds(Size, st.integers(16, 5000), st.integers(16, 5000)))
def test_answer_of_any_size_is_cut_to_the_original(original: Size, rule: SizeRule, generated: Size) -> None:
    """Models do not always keep to the size that was asked for."""
    plan = fit(original, rule)
    box = plan.box_in(generated)
    assert 0 <= box.left < box.right <= generated.width
    assert 0 <= box.top < box.bottom <= generated.height
    assert is_same_shape(box.size, plan.box.size)


@given(original=st.builds(Size, st.integers(300, 8000), st.integers(300, 8000)))
def test_free_sizes_waste_little(original: Size) -> None:
    """Within 1:3 to 3:1 next to nothing that is paid for is padding, and the size is near the target."""
    plan = fit(original, FREE_SIZES)
    if 1 / 3 <= original.aspect <= 3:
        assert plan.box.size.pixels / plan.request.pixels > 0.95
    assert 0.4 < plan.request.pixels / FREE_SIZES.target_pixels < 2


@pytest.mark.parametrize(
    ("original", "request_size"),
    [
        (Size(600, 400), Size(1536, 1024)),
        (Size(400, 600), Size(1024, 1536)),
        (Size(500, 500), Size(1024, 1024)),
        (Size(4000, 3800), Size(1024, 1024)),
        (Size(5000, 500), Size(1536, 1024)),
    ],
)
def test_nearest_of_few_sizes_is_chosen(original: Size, request_size: Size) -> None:
    assert fit(original, CLASSIC_SIZES).request == request_size


def test_answer_at_half_size_is_cut_where_the_original_lies() -> None:
    """Scaling keeps the place of the box."""
    plan = Fit(Size(1536, 1024), Box(0, 128, 1536, 896))
    assert plan.box_in(Size(768, 512)) == Box(0, 64, 768, 448)


@pytest.mark.parametrize(
    "size",
    [Size(1000, 1024), Size(3856, 2160), Size(3840, 2176), Size(3200, 1024), Size(256, 256), Size(0, 16)],
)
def test_free_rule_refuses(size: Size) -> None:
    """Not a multiple of 16, too long, too many pixels, too narrow, too small, nothing."""
    assert not FREE_SIZES.allows(size)


def test_picture_without_area_has_no_fit() -> None:
    with pytest.raises(ValueError, match="no area"):
        fit(Size(0, 5), FREE_SIZES)
