"""Which models the playground's bot speaks to."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from playground.engines import EngineChoice, choose, environment_for, has_offline_packages, write_configuration

OWN = {"PATH": "/bin", "OPENAI_API_KEY": "sk-own", "OPENAI_BASE_URL": "https://models.example/v1"}
SCRIPTED = {"OPENAI_API_KEY": "local", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}
CONFIGURATION = """
[bot]
database_url = "postgresql://somewhere/else"
[budgets]
person_usd = 0.25
[models.vision]
model = "mine"
api = "chat"
base_url = "https://models.example/v1"   # mine
api_key_env = "MY_KEY"
"""


def test_own_model_server_is_asked_only_when_told_to() -> None:
    """A key in the environment alone spends nothing."""
    assert choose(online=False, scripted=True, environment=OWN) is EngineChoice.SCRIPTED
    assert choose(online=False, scripted=False, environment=OWN) is not EngineChoice.ONLINE
    assert choose(online=True, scripted=False, environment=OWN) is EngineChoice.ONLINE


def test_going_online_without_a_server_is_refused() -> None:
    """The sentence names what is missing."""
    with pytest.raises(ValueError, match="OPENAI_API_KEY"):
        choose(online=True, scripted=False, environment={"OPENAI_API_KEY": " "})


def test_local_models_are_the_default_where_they_are_installed() -> None:
    """Without them the answers are scripted."""
    expected = EngineChoice.OFFLINE if has_offline_packages() else EngineChoice.SCRIPTED
    assert choose(online=False, scripted=False, environment={}) is expected


@pytest.mark.parametrize("choice", [EngineChoice.OFFLINE, EngineChoice.SCRIPTED])
def test_key_and_address_of_the_user_stay_here(choice: EngineChoice) -> None:
    """Neither reaches a bot that is to stay on this machine, whichever way they are given."""
    inherited = OWN | {"OPENAI_API_KEY_FILE": "/run/secrets/key"}
    environment = environment_for(choice, inherited=inherited, scripted=SCRIPTED)
    assert "sk-own" not in environment.values()
    assert environment["OPENAI_API_KEY_FILE"] == ""
    assert environment["OPENAI_BASE_URL"] == (
        "" if choice is EngineChoice.OFFLINE else SCRIPTED["OPENAI_BASE_URL"]
    )
    assert environment["ISTHMUS_ENGINE"] == ("offline" if choice is EngineChoice.OFFLINE else "openai")


def test_local_servers_are_not_reached_through_a_proxy() -> None:
    """The user's own exceptions stay."""
    environment = environment_for(
        EngineChoice.SCRIPTED, inherited={"NO_PROXY": "example.org"}, scripted=SCRIPTED
    )
    assert environment["NO_PROXY"] == environment["no_proxy"] == "example.org,127.0.0.1,localhost"


@pytest.mark.parametrize("choice", list(EngineChoice))
def test_configuration_keeps_the_bot_away_from_real_servers(choice: EngineChoice, tmp_path: Path) -> None:
    """Database and role addresses are taken out, other settings stay; online keeps the addresses."""
    source, target = tmp_path / "own.toml", tmp_path / "playground.toml"
    source.write_text(CONFIGURATION)
    write_configuration(choice, source, target)
    written = tomllib.loads(target.read_text())
    vision = written["models"]["vision"]
    assert written["bot"]["database_url"] == ""
    assert written["budgets"]["person_usd"] == 0.25
    if choice is EngineChoice.ONLINE:
        assert (vision["base_url"], vision["api_key_env"]) == ("https://models.example/v1", "MY_KEY")
    else:
        assert (vision["base_url"], vision["api_key_env"]) == ("", "OPENAI_API_KEY")


def test_missing_configuration_means_the_defaults(tmp_path: Path) -> None:
    """Whoever deleted config.toml can play all the same."""
    write_configuration(EngineChoice.SCRIPTED, tmp_path / "none.toml", tmp_path / "playground.toml")
    assert tomllib.loads((tmp_path / "playground.toml").read_text()) == {}
