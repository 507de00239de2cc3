"""Reads `config.toml` and the environment, once at start.

Secrets come from the environment alone. Everything that is missing or wrong is reported at once as a
`ConfigurationError`, each line with how to mend it.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from pydantic import ValidationError

from services.errors import ConfigurationError
from services.settings import LOCAL_MODELS, Models, Settings

Command = Literal["run", "worker"]


def load_settings(environment: Mapping[str, str] = os.environ, *, command: Command | None = None) -> Settings:
    """Read the configuration file and lay the environment over it; an empty value counts as unset.

    Args:
        command: What is to be started; what it lacks is listed, too.

    Raises:
        ConfigurationError: Lists everything that cannot be understood, or is missing.
    """
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    problems: list[str] = []
    tree = _read_file(given, problems)
    _overlay(tree, given, problems)
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as error:
        problems += [f"{'.'.join(map(str, where))}: {said}" for where, said in _wrong(error).items()]
        settings = _understood(tree, [each["loc"] for each in error.errors()])
    if settings is not None:
        problems += _bad_addresses(settings)
        problems += _missing(settings, command, _readable_roles(tree)) if command else []
    if problems or settings is None:
        raise ConfigurationError(list(dict.fromkeys(problems)))
    return settings


def require(settings: Settings, command: Command) -> None:
    """Refuse to start a command that lacks something.

    Raises:
        ConfigurationError: Lists what is missing, each line with how to set it.
    """
    if problems := _missing(settings, command):
        raise ConfigurationError(problems)


def _readable_roles(tree: _Tree) -> Collection[str]:
    """Return the roles whose settings could be read: keys are laid only over those."""
    models = tree.get("models")
    return cast("_Tree", models).keys() if isinstance(models, dict) else ()


def _missing(
    settings: Settings, command: Command, readable: Collection[str] = tuple(Models.model_fields)
) -> list[str]:
    """Return what a command lacks; of keys, those of the roles whose settings are readable."""
    problems: list[str] = []
    if not settings.discord.token.get_secret_value():
        problems.append(
            "DISCORD_TOKEN is not set. Create a bot at https://discord.com/developers/applications, "
            "copy its token and put DISCORD_TOKEN=... into the environment or into .env."
        )
    lacking: dict[str, list[str]] = {}
    for name, role in settings.models.by_role().items():
        if name in readable and not role.api_key.get_secret_value():
            lacking.setdefault(role.api_key_env, []).append(f"models.{name}")
    for variable, roles in lacking.items():
        problems.append(
            f"{variable} is not set (needed for {', '.join(roles)}). Put {variable}=... into the environment "
            "or into .env, give each of them a base_url of a server that needs no key, or go without: "
            "ISTHMUS_ENGINE=offline (docs/offline.md)."
        )
    if command == "worker" and not settings.is_postgres:
        problems.append(
            "A worker shares its jobs through Postgres; SQLite serves one process only. Set "
            "ISTHMUS_DATABASE_URL=postgresql://... here and for the gateway, or use `run`."
        )
    return list(dict.fromkeys(problems))


_SECRET_NAME = re.compile(r"(?:^|_)(?:token|secret|password|api_key|secret_key)$")
_SECRET_VALUE = re.compile(r"[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}|sk-[\w-]{16,}")
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
_KEYLESS = "unused"
"""What is sent as the key to a server of one's own that asks for none."""

_ONLINE_ONLY = ("image", "judge")
"""Roles that no local model plays."""

_Tree = dict[str, Any]
_Where = tuple[int | str, ...]


def _wrong(error: ValidationError) -> dict[_Where, str]:
    """Return what is wrong where; what the judge has from the vision role is told of that alone."""
    wrong = {each["loc"]: each["msg"] for each in error.errors()}
    inherited = {("models", "judge", *where[2:]) for where in wrong if where[:2] == ("models", "vision")}
    return {where: said for where, said in wrong.items() if where not in inherited}


def _understood(tree: _Tree, wrong: Sequence[_Where]) -> Settings | None:
    """Return the settings with defaults for what is wrong, to see what else is; None where that is too much."""
    for where in wrong:
        path = where[:3] if where[0] == "models" else where[:2]
        held: Any = tree
        for name in path[:-1]:
            held = cast("_Tree", held).get(str(name))
        if isinstance(held, dict):
            cast("_Tree", held).pop(str(path[-1]), None)
    models = tree.get("models", {})
    for name, role in models.items():
        models[name] = getattr(Models(), name).model_dump(exclude={"api_key"}) | role
    try:
        return Settings.model_validate(tree)
    except ValidationError:
        return None


def _read_file(given: Mapping[str, str], problems: list[str]) -> _Tree:
    named = given.get("ISTHMUS_CONFIG")
    path = Path(named) if named else Path(__file__).parent.parent / "config.toml"
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        if named:
            problems.append(f"ISTHMUS_CONFIG: there is no file {named}")
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"{path.name} cannot be read: {error}")
        return {}
    problems += [
        f"{where}: secrets belong into the environment, not into {path.name}; "
        "take it out, and replace the secret if others could read the file"
        for where in _secrets_in(tree)
    ]
    return tree


def _secrets_in(tree: Any, where: str = "") -> list[str]:
    if isinstance(tree, dict):
        found: list[str] = []
        for name, value in cast("_Tree", tree).items():
            path = f"{where}.{name}".lstrip(".")
            found += [path] if _SECRET_NAME.search(name) else _secrets_in(value, path)
        return found
    return [where] if isinstance(tree, str) and _SECRET_VALUE.search(tree) else []


def _overlay(tree: _Tree, given: Mapping[str, str], problems: list[str]) -> None:
    """Lay the environment over the file's values."""

    def put(section: str, name: str, value: object) -> None:
        held = tree.setdefault(section, {})
        if isinstance(held, dict):
            held[name] = value

    plain = {
        "ISTHMUS_DATA_DIR": ("bot", "data_dir"),
        "ISTHMUS_DATABASE_URL": ("bot", "database_url"),
        "ISTHMUS_ENGINE": ("engine", "default"),
        "ISTHMUS_LOOP_LAG_SECONDS": ("engine", "loop_lag_seconds"),
        "ISTHMUS_METRICS_HOST": ("metrics", "host"),
        "ISTHMUS_METRICS_PORT": ("metrics", "port"),
        "DISCORD_API_URL": ("discord", "api_url"),
        "DISCORD_GATEWAY_URL": ("discord", "gateway_url"),
    }
    for variable, (section, name) in plain.items():
        if variable in given:
            put(section, name, given[variable])
    if "DISCORD_CDN_HOSTS" in given:
        hosts = (host.strip().lower() for host in given["DISCORD_CDN_HOSTS"].split(","))
        put("discord", "cdn_hosts", [host for host in hosts if host])
    put("discord", "token", _sent_secret("DISCORD_TOKEN", given, problems))
    tree["secret_key"] = _secret("ISTHMUS_SECRET_KEY", given, problems)

    defaults = Models()
    models = tree.setdefault("models", {})
    if not isinstance(models, dict):
        return  # validation names it
    models = cast("_Tree", models)
    for name in Models.model_fields:
        role = models.get(name, {})
        if not isinstance(role, dict):
            continue
        default = getattr(defaults, name).model_dump(exclude={"api_key"})
        if name == "judge":
            # Whoever sees also compares, unless the judge has values of its own.
            seen = models["vision"]
            vision = cast("_Tree", seen) if isinstance(seen, dict) else {}
            default |= {key: vision[key] for key in default if key in vision}
        own = {key: value for key, value in cast("_Tree", role).items() if name != "judge" or value != ""}
        filled = default | own
        # A role without an api of its own follows the engine's default.
        filled["api"] = filled["api"] if own.get("api") else _api(tree, default["api"])
        if name in _ONLINE_ONLY and filled["api"] == "offline":
            filled["api"] = "off"
        if filled["api"] == "offline":
            filled["model"] = LOCAL_MODELS[name]
        filled["base_url"] = filled["base_url"] or given.get("OPENAI_BASE_URL", "")
        key = _sent_secret(str(filled["api_key_env"]), given, problems)
        filled["api_key"] = key or (_KEYLESS if filled["base_url"] else "")
        if name in _ONLINE_ONLY and not own.get("api") and not filled["api_key"]:
            filled["api"] = "off"  # What nobody has set up must not keep the bot from starting.
        models[name] = filled


def _api(tree: _Tree, usual: str) -> str:
    engine = tree.get("engine")
    default = cast("_Tree", engine).get("default") if isinstance(engine, dict) else None
    return "offline" if default == "offline" else usual


def _sent_secret(name: str, given: Mapping[str, str], problems: list[str]) -> str:
    """Return a secret that goes into the header of requests, where not everything may stand."""
    secret = _secret(name, given, problems)
    if not (secret.isascii() and secret.isprintable()):
        problems.append(f"{name} holds characters that no such secret has: copy it again.")
    return secret


def _secret(name: str, given: Mapping[str, str], problems: list[str]) -> str:
    """Return a secret from NAME, or from the file that NAME_FILE names."""
    if name in given:
        return given[name]
    if (path := given.get(f"{name}_FILE")) is None:
        return ""
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{name}_FILE cannot be read: {error}")
        return ""


def _bad_addresses(settings: Settings) -> list[str]:
    addresses = {
        "DISCORD_API_URL": (settings.discord.api_url, ("https", "http")),
        "DISCORD_GATEWAY_URL": (settings.discord.gateway_url, ("wss", "ws")),
    }
    for name, role in settings.models.by_role().items():
        # A model server in one's own network may well speak plain http.
        addresses[f"models.{name}.base_url"] = (role.base_url, ("https", "http"))
    problems: list[str] = []
    for name, (address, schemes) in addresses.items():
        if not address:
            continue
        scheme, host = _scheme_and_host(address)
        if scheme not in schemes or not host:
            problems.append(f"{name}: {address} is not a {schemes[0]}:// address")
        elif name.startswith("DISCORD") and scheme == schemes[1] and host not in _LOOPBACK:
            problems.append(f"{name}: plain {scheme} is allowed for this machine only")
    url = settings.bot.database_url
    if url and not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        problems.append("ISTHMUS_DATABASE_URL: use sqlite:///path or postgresql://user@host/name")
    return problems


def _scheme_and_host(address: str) -> tuple[str, str]:
    """Return the two parts of an address; nothing of one that is none, such as with words for a port."""
    try:
        parts = urlsplit(address)
        is_port = parts.port != 0
    except ValueError:
        return "", ""
    return (parts.scheme, parts.hostname or "") if is_port else ("", "")
