"""Settings come from the file and the environment; everything wrong is named at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.configuration import load_settings, require
from services.errors import ConfigurationError


def test_empty_value_counts_as_unset() -> None:
    """An empty line in .env changes nothing."""
    settings = load_settings({"OPENAI_BASE_URL": "", "DISCORD_API_URL": " ", "ISTHMUS_DATA_DIR": ""})
    assert settings.models.vision.base_url == ""
    assert settings.discord.api_url == "https://discord.com/api/v10"


def test_shipped_file_says_what_the_defaults_are(tmp_path: Path) -> None:
    """config.toml changes nothing: deleting any line of it is safe (prices live in the file alone)."""
    empty = tmp_path / "empty.toml"
    empty.write_text("")
    assert load_settings({}).model_copy(update={"prices": {}}) == load_settings({"ISTHMUS_CONFIG": str(empty)})


def test_every_problem_is_named(tmp_path: Path) -> None:
    """Unknown keys, wrong types, addresses that are none and what is missing: at once, each with its place."""
    file = tmp_path / "bad.toml"
    file.write_text(
        '[limits]\nattachments = "many"\nwings = 2\n[listening]\ndefault = "loud"\n'
        '[models.vision]\napi = "telepathy"\n[models.text]\nbase_url = "http://127.0.0.1:port/v1"\n'
    )
    with pytest.raises(ConfigurationError) as error:
        load_settings(
            {"ISTHMUS_CONFIG": str(file), "DISCORD_API_URL": "ftp://x", "OPENAI_API_KEY": "kéy"},
            command="worker",
        )
    told = [each.split()[0].rstrip(":") for each in error.value.problems]
    assert told.pop(0) == "OPENAI_API_KEY", "it is told once"
    assert set(told[:4]) == {"limits.attachments", "limits.wings", "listening.default", "models.vision.api"}
    assert told[4:6] == ["DISCORD_API_URL", "models.text.base_url"]
    assert told[6] == "DISCORD_TOKEN"
    assert "OPENAI_API_KEY" not in told
    assert "ISTHMUS_DATABASE_URL" in error.value.problems[-1]


@pytest.mark.parametrize("models", ['[models]\nvision = "the-model"\n', 'models = "gpt"\n'])
def test_model_that_is_no_table_is_the_only_problem(tmp_path: Path, models: str) -> None:
    """The key that is set is not reported as missing beside it."""
    file = tmp_path / "flat.toml"
    file.write_text(models)
    environment = {"ISTHMUS_CONFIG": str(file), "OPENAI_API_KEY": "k", "DISCORD_TOKEN": "t"}
    with pytest.raises(ConfigurationError) as error:
        load_settings(environment, command="run")
    [said] = error.value.problems
    assert said.startswith("models")


def test_secret_in_the_file_is_refused(tmp_path: Path) -> None:
    """A token in config.toml is refused, and not repeated in the message."""
    file = tmp_path / "leaky.toml"
    secret = "sk-" + "a1" * 16
    file.write_text(f'[bot]\nlanguage = "{secret}"\n')
    with pytest.raises(ConfigurationError) as error:
        load_settings({"ISTHMUS_CONFIG": str(file)})
    assert "bot.language" in error.value.problems[0]
    assert secret not in str(error.value)


def test_role_s_own_address_wins(tmp_path: Path) -> None:
    """The order is the role's base_url, then OPENAI_BASE_URL; a server of one's own needs no key."""
    file = tmp_path / "local.toml"
    file.write_text('[models.vision]\nmodel = "x"\napi = "chat"\nbase_url = "http://127.0.0.1:1/v1"\n')
    settings = load_settings({"ISTHMUS_CONFIG": str(file), "OPENAI_BASE_URL": "http://127.0.0.1:2/v1"})
    assert settings.models.vision.base_url == "http://127.0.0.1:1/v1"
    assert settings.models.text.base_url == "http://127.0.0.1:2/v1"
    assert settings.models.vision.api_key.get_secret_value()


def test_secret_is_masked() -> None:
    """A token shows in no representation of the settings."""
    assert "very-secret" not in repr(load_settings({"DISCORD_TOKEN": "very-secret"}))


def test_plain_http_is_for_this_machine_only() -> None:
    """Another machine's Discord over plain http is refused."""
    with pytest.raises(ConfigurationError, match="this machine"):
        load_settings({"DISCORD_API_URL": "http://192.0.2.1/api/v10"})


def test_worker_needs_postgres() -> None:
    """A worker on SQLite is refused with a sentence."""
    with pytest.raises(ConfigurationError, match="Postgres"):
        require(load_settings({"DISCORD_TOKEN": "t", "OPENAI_API_KEY": "k"}), "worker")


def test_missing_key_is_named_once() -> None:
    """One line for a key, however many roles need it, with all the ways out."""
    with pytest.raises(ConfigurationError) as error:
        require(load_settings({"DISCORD_TOKEN": "t"}), "run")
    [said] = error.value.problems
    assert "models.vision, models.text" in said
    assert "ISTHMUS_ENGINE=offline" in said


def test_offline_engine_asks_for_no_key() -> None:
    """ISTHMUS_ENGINE=offline plays every role with local models, which cost nothing."""
    settings = load_settings({"DISCORD_TOKEN": "t", "ISTHMUS_ENGINE": "offline"})
    require(settings, "run")
    assert settings.models.by_role() == {}
    assert settings.models.is_offline
    assert settings.models.transcription.model == "local/whisper-tiny.en"


def test_role_s_own_api_wins_over_the_engine_s_default(tmp_path: Path) -> None:
    """Each role can be played elsewhere: one by a server beside offline ones, or the other way round."""
    file = tmp_path / "mixed.toml"
    file.write_text('[engine]\ndefault = "offline"\n[models.text]\napi = "responses"\n')
    mixed = load_settings({"ISTHMUS_CONFIG": str(file), "DISCORD_TOKEN": "t"})
    assert list(mixed.models.by_role()) == ["text"]
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY"):
        require(mixed, "run")
    file.write_text('[models.transcription]\napi = "offline"\n')
    mixed = load_settings({"ISTHMUS_CONFIG": str(file), "OPENAI_API_KEY": "k"})
    assert mixed.models.transcription.api == "offline"
    assert mixed.models.vision.api == "responses"
