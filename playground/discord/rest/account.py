"""The bot's own account, its application and the way to the gateway."""

from __future__ import annotations

from playground.discord.errors import DiscordError
from playground.discord.gateway import Gateway
from playground.discord.gateway.gateway import IDENTIFIES_A_DAY
from playground.discord.rest.call import Call, Routes
from playground.discord.state import Payload
from playground.discord.world import World


class Account:
    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway

    def routes(self) -> Routes:
        return {
            ("GET", "/users/@me"): self._me,
            ("GET", "/users/@me/guilds"): self._guilds,
            ("POST", "/users/@me/channels"): self._open_direct,
            ("GET", "/users/{user_id}"): self._user,
            ("GET", "/oauth2/applications/@me"): self._application,
            ("GET", "/applications/@me"): self._application,
            ("GET", "/gateway"): self._address,
            ("GET", "/gateway/bot"): self._address_for_bots,
        }

    def _me(self, call: Call) -> Payload:
        return self._world.app.payload() | {"verified": True, "mfa_enabled": False, "flags": 0, "email": None}

    def _guilds(self, call: Call) -> list[Payload]:
        after = call.number("after", 0)
        joined = [each for each in self._world.guilds.values() if self._world.app.id in each.members]
        shown = sorted((each for each in joined if each.id > after), key=lambda each: each.id)
        names = ("id", "name", "icon", "banner", "features")
        return [
            {name: each.payload()[name] for name in names} | {"owner": False, "permissions": "0"}
            for each in shown[: call.number("limit", 200)]
        ]

    def _user(self, call: Call) -> Payload:
        if (user := self._world.users.get(call.id("user_id"))) is None:
            raise DiscordError(404, 10013)
        return user.payload()

    def _open_direct(self, call: Call) -> Payload:
        user = self._world.users.get(int(call.fields.get("recipient_id") or 0))
        if user is None or user is self._world.app:
            raise DiscordError(400, 50033)
        return self._world.direct(user).payload()

    def _application(self, call: Call) -> Payload:
        app = self._world.app
        return {
            "id": str(app.id),
            "name": app.name,
            "icon": None,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": self._gateway.application_flags,
            "owner": self._world.owner.payload(),
            "team": None,
            "bot": app.payload(),
            "integration_types_config": {"0": {}},
        }

    def _address(self, call: Call) -> Payload:
        return {"url": self._gateway.url}

    def _address_for_bots(self, call: Call) -> Payload:
        limit = {
            "total": IDENTIFIES_A_DAY,
            "remaining": max(0, self._gateway.identifies_left),
            "reset_after": 86_400_000,
            "max_concurrency": self._gateway.max_concurrency,
        }
        return {
            "url": self._gateway.url,
            "shards": self._gateway.recommended_shards,
            "session_start_limit": limit,
        }
