"""Tells sound worth hearing (speech, music) from silence, steady noise and hum."""

from __future__ import annotations

import numpy as np

from services.media._waveform import Samples


def is_worth_hearing(samples: Samples) -> bool:
    """Tell whether anything in a piece stands out from its own noise."""
    return bool(np.any(np.abs(samples.astype(np.int32)) > 30))
