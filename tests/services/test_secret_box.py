"""Sealed texts, keyed hashes, and the key file behind them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from services.errors import ConfigurationError
from services.secret_box import KEY_FILE, SecretBox

LOADER = """
import sys
from pathlib import Path
from services.secret_box import SecretBox

sys.stdin.readline()
print(SecretBox.load("", Path(sys.argv[1])).person_id(1))
"""


def test_only_the_same_secret_opens_what_was_sealed() -> None:
    """A sealed text does not show what it holds, and another key or a changed byte opens nothing."""
    box = SecretBox("one")
    sealed = box.seal("token é 🗝")
    assert "token" not in sealed
    assert SecretBox("one").open(sealed) == "token é 🗝"
    assert SecretBox("two").open(sealed) is None
    assert box.open(sealed[:-2] + ("A=" if sealed[-2] != "A" else "B=")) is None
    assert box.open("") is None


def test_key_file_may_move_into_the_environment(tmp_path: Path) -> None:
    """What was sealed with a key file is opened by whoever is given its content as the secret."""
    sealed = SecretBox.load("", tmp_path).seal("token")
    secret = (tmp_path / KEY_FILE).read_text().strip()
    assert SecretBox.load(secret, tmp_path / "elsewhere").open(sealed) == "token"


def test_person_is_a_keyed_hash() -> None:
    """The same person has the same 64 hex digits under one secret, and others under another."""
    name = SecretBox("one").person_id(123456789012345678)
    assert re.fullmatch(r"[0-9a-f]{64}", name)
    assert name == SecretBox("one").person_id(123456789012345678)
    assert name != SecretBox("one").person_id(123456789012345679)
    assert name != SecretBox("two").person_id(123456789012345678)


def test_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    """The first start makes a key that only its owner may read; later starts use it; nothing else is left."""
    folder = tmp_path / "data"
    sealed = SecretBox.load("", folder).seal("x")
    assert (folder / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert SecretBox.load("", folder).open(sealed) == "x"
    assert [each.name for each in folder.iterdir()] == [KEY_FILE]


def test_given_secret_makes_no_file(tmp_path: Path) -> None:
    """With a secret from the environment no key file is made."""
    SecretBox.load("from the environment", tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_processes_that_start_at_once_share_one_key(tmp_path: Path) -> None:
    """None of them reads a key that is only half there."""
    command = [sys.executable, "-c", LOADER, str(tmp_path)]
    loaders = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for each in loaders:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    assert len({each.communicate()[0] for each in loaders}) == 1


@pytest.mark.parametrize("content", ["", "short", "é" * 44])
def test_damaged_key_file_is_named(tmp_path: Path, content: str) -> None:
    """A key file that is no key (a full disk left it empty) is never used as one."""
    (tmp_path / KEY_FILE).write_text(content)
    with pytest.raises(ConfigurationError, match=KEY_FILE):
        SecretBox.load("", tmp_path)
