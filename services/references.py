"""Short ids that a person can read out and an operator can find in the log."""

from __future__ import annotations

import secrets

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0/O, 1/I/L, U


def new_reference() -> str:
    """Return five random characters, e.g. `7KQ2M`."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(5))
