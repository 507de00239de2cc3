"""What must not be read by whoever opens the database: encrypted values and keyed hashes of ids."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
import re
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from services.errors import ConfigurationError

KEY_FILE = "secret.key"
_KEY = re.compile(rb"[A-Za-z0-9_-]{43}=")


class SecretBox:
    """Encrypts small texts and hashes ids with keys derived from one secret.

    Args:
        secret: From the environment (a fleet must share it), or else `load` makes a key file.
        is_random: It is a key that nobody can guess. What people think up is stretched, which takes a
            tenth of a second of every start.
    """

    def __init__(self, secret: str, *, is_random: bool = False) -> None:
        derive = _derive if is_random else _stretch
        self._fernet = Fernet(base64.urlsafe_b64encode(derive(secret, b"encrypt")))
        self._hash_key = derive(secret, b"hash")

    @classmethod
    def load(cls, secret: str, data_dir: Path) -> SecretBox:
        """Use the given secret, or the key file of the data folder, made on first use (mode 600).

        Raises:
            ConfigurationError: The key file is no key. A new one would be silent loss: nothing that
                was sealed with the lost one could be opened again.
        """
        if secret:  # Perhaps what once was in a key file, whose keys must stay the same then.
            return cls(secret, is_random=_KEY.fullmatch(secret.encode()) is not None)
        path = data_dir / KEY_FILE
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make_key_file(path)
        key = path.read_bytes().strip()
        if not _KEY.fullmatch(key):
            raise ConfigurationError(
                [f"{path} is damaged: restore it from a backup, or delete it to begin with a new key."]
            )
        return cls(key.decode(), is_random=True)

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

    def conversation_key(self, conversation_id: int) -> str:
        """Return the keyed hash (64 hex digits) under which model providers know a conversation."""
        return hmac.new(self._hash_key, f"conversation/{conversation_id}".encode(), hashlib.sha256).hexdigest()


def _make_key_file(path: Path) -> None:
    """Write a new key under its name in one go; of several processes at once, the first one's stands."""
    handle, written = tempfile.mkstemp(dir=path.parent, prefix=f".{KEY_FILE}-")  # mode 600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.urlsafe_b64encode(os.urandom(32)))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(written, path)
    finally:
        Path(written).unlink()


def _derive(key: str, purpose: bytes) -> bytes:
    return hmac.digest(key.encode(), b"isthmus/" + purpose, hashlib.sha256)


def _stretch(secret: str, purpose: bytes) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=b"isthmus/" + purpose, n=2**14, r=8, p=1, dklen=32)
