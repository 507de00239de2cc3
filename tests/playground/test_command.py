"""What `./dev playground` says when it cannot begin."""

from __future__ import annotations

import fcntl
import socket
from pathlib import Path

import pytest

from playground.command import EX_UNAVAILABLE, LOCK_FILE, play


def test_taken_port_is_one_sentence_with_a_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever starts a second playground reads which port is taken, and how to take another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert play(["--headless", "--scripted", "--port", str(port)]) == EX_UNAVAILABLE
    said = capsys.readouterr().err
    assert f"port {port}: Address already in use" in said
    assert "--port 0" in said


def test_second_playground_on_a_folder_says_so_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its bot would wait for the other's end without a word."""
    with (tmp_path / LOCK_FILE).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        arguments = ["--headless", "--scripted", "--port", "0", "--data", str(tmp_path)]
        assert play(arguments) == EX_UNAVAILABLE
    assert f"Another playground uses {tmp_path}" in capsys.readouterr().err


def test_number_that_is_no_port_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is started."""
    with pytest.raises(SystemExit):
        play(["--port", "65536"])
    assert "65536 is no port" in capsys.readouterr().err
