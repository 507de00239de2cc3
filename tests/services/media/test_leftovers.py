"""What a killed process left behind is removed by the next download, and nothing else is."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import pytest

from services.media._leftovers import FOLDER_PREFIX, STALE_SECONDS, Leftovers


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of our own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def folder(place: Path, name: str, *, age: float) -> Path:
    path = place / name
    path.mkdir()
    (path / "in.bin").write_bytes(b"somebody's picture")
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def test_only_stale_folders_of_downloads_are_removed(place: Path) -> None:
    """Fresh ones are in use, perhaps by another process; others belong to somebody else."""
    stale = folder(place, f"{FOLDER_PREFIX}old", age=STALE_SECONDS + 60)
    fresh = folder(place, f"{FOLDER_PREFIX}new", age=STALE_SECONDS - 60)
    foreign = folder(place, "other-old", age=STALE_SECONDS + 60)
    Leftovers().clear()
    assert (stale.exists(), fresh.exists(), foreign.exists()) == (False, True, True)


def test_folder_is_not_searched_for_every_download(place: Path) -> None:
    """One look an hour is enough; the next process looks at once."""
    leftovers = Leftovers()
    leftovers.clear()
    stale = folder(place, f"{FOLDER_PREFIX}old", age=STALE_SECONDS + 60)
    leftovers.clear()
    assert stale.exists()
    Leftovers().clear()
    assert not stale.exists()


def test_link_to_a_folder_is_not_followed(place: Path) -> None:
    """Somebody else's link with our prefix does not make us delete what it points to."""
    target = folder(place, "precious", age=STALE_SECONDS + 60)
    link = place / f"{FOLDER_PREFIX}link"
    link.symlink_to(target)
    past = time.time() - STALE_SECONDS - 60
    os.utime(link, (past, past), follow_symlinks=False)
    Leftovers().clear()
    assert (target / "in.bin").exists()
