"""What `./dev playground` says when it cannot begin."""

from __future__ import annotations

import socket

import pytest

from playground.command import EX_UNAVAILABLE, play


def test_taken_port_is_one_sentence_with_a_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever starts a second playground reads which port is taken, and how to take another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert play(["--headless", "--scripted", "--port", str(port)]) == EX_UNAVAILABLE
    said = capsys.readouterr().err
    assert f"port {port}: Address already in use" in said
    assert "--port 0" in said


def test_number_that_is_no_port_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is started."""
    with pytest.raises(SystemExit):
        play(["--port", "65536"])
    assert "65536 is no port" in capsys.readouterr().err
