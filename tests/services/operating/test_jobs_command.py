"""What `./dev jobs` says where nothing has run yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.operating.jobs_command import EX_REFUSED, main


def test_alone_it_lists_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    said = capsys.readouterr().out
    assert [each for each in ("list", "show", "cancel", "retry", "export", "erase") if each not in said] == []


def test_looking_leaves_no_database_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ISTHMUS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ISTHMUS_DATABASE_URL", "")
    assert main(["list"]) == 0
    assert "Nothing has run yet" in capsys.readouterr().out
    assert main(["show", "describe-1"]) == EX_REFUSED
    assert "Nothing has run yet" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()
