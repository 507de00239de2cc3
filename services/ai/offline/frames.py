"""How a model child and its parent talk: a JSON head and raw bytes, each with its length; never pickle."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

FRAME = struct.Struct("!IQ")
"""Bytes of the head, bytes of all payloads together."""
MAX_HEAD_BYTES = 4 * 1024 * 1024
MAX_PAYLOAD_BYTES = 512 * 1024 * 1024


def encode(head: Mapping[str, Any], payloads: Sequence[bytes] = ()) -> list[bytes]:
    """Return one frame as the pieces to be sent one after the other."""
    sizes = [len(each) for each in payloads]
    encoded = json.dumps({**head, "sizes": sizes}).encode()
    return [FRAME.pack(len(encoded), sum(sizes)) + encoded, *payloads]
