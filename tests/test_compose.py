"""The compose file starts the roles that the bot has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from bot import COMMANDS
from services.settings import MetricsSettings

ROOT = Path(__file__).parent.parent


def test_compose_file_is_a_fleet() -> None:
    """One gateway and two workers share one Postgres and one key; no secret stands in the file."""
    services: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert set(services) == {"postgres", "gateway", "worker"}
    assert services["worker"]["deploy"]["replicas"] == 2
    port = MetricsSettings().port
    assert services["gateway"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert f"127.0.0.1:{port}/readyz" in (ROOT / "Dockerfile").read_text()
    for name in ("gateway", "worker"):
        [command] = services[name]["command"]
        assert command in COMMANDS
        environment = services[name]["environment"]
        assert environment["ISTHMUS_DATABASE_URL"].startswith("postgresql://isthmus:${POSTGRES_PASSWORD:?")
        assert environment["ISTHMUS_SECRET_KEY"].startswith("${ISTHMUS_SECRET_KEY:?")


def test_image_holds_what_the_bot_imports() -> None:
    """Every folder and file that the image copies is let through to the build."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY") and "--from" not in line]
    let_through = {each[1:] for each in (ROOT / ".dockerignore").read_text().splitlines() if each[0] == "!"}
    assert {name for names in copied for name in names} == let_through
    assert {"cogs", "services", "playground"} <= let_through
