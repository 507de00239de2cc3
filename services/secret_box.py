"""What must not be read by whoever opens the database: encrypted values and keyed hashes of ids."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

KEY_FILE = "secret.key"


class SecretBox:
    """Encrypts small texts and hashes ids with keys derived from one secret.

    Args:
        secret: From the environment (a fleet must share it), or else `load` makes a key file.
    """

    def __init__(self, secret: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(_derive(secret, b"encrypt")))
        self._hash_key = _derive(secret, b"hash")

    @classmethod
    def load(cls, secret: str, data_dir: Path) -> SecretBox:
        """Use the given secret, or the key file of the data folder, made on first use (mode 600)."""
        if secret:
            return cls(secret)
        path = data_dir / KEY_FILE
        data_dir.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return cls(path.read_text("ascii"))
        made = base64.urlsafe_b64encode(os.urandom(32)).decode()
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(made)
        return cls(made)

    def seal(self, text: str) -> str:
        """Encrypt a text."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """Decrypt a text; None when it was sealed with another key or tampered with."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

    def person_id(self, user_id: int) -> str:
        """Return the keyed hash (64 hex digits) under which model providers know a person."""
        return hmac.new(self._hash_key, str(user_id).encode(), hashlib.sha256).hexdigest()


def _derive(secret: str, purpose: bytes) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=b"isthmus/" + purpose, n=2**14, r=8, p=1, dklen=32)
