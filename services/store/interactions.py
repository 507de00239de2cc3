"""Tokens of slash commands and the signed URLs of their files: encrypted, fifteen minutes."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.secret_box import SecretBox
from services.store.database import Database
from services.store.tables import interactions
from services.store.upserts import upsert


@dataclass(frozen=True, slots=True)
class KeptInteraction:
    """What is needed to go on with an interaction."""

    application_id: int
    token: str
    urls: Mapping[int, str]
    """Attachment id to signed URL."""


class InteractionRepository:
    """Keeps interactions until their tokens expire."""

    def __init__(self, database: Database, secrets: SecretBox) -> None:
        self._database = database
        self._secrets = secrets

    async def keep(
        self,
        interaction_id: int,
        *,
        application_id: int,
        token: str,
        expires: datetime,
        urls: Mapping[int, str],
    ) -> None:
        """Keep a token and the URLs of the files that came with it; drop what has expired."""
        sealed = {str(attachment): url for attachment, url in urls.items()}
        async with self._database.write() as connection:
            await connection.execute(interactions.delete().where(interactions.c.expires < time.time()))
            await upsert(
                connection,
                interactions,
                {
                    "id": interaction_id,
                    "application_id": application_id,
                    "token": self._secrets.seal(token),
                    "urls": self._secrets.seal(json.dumps(sealed)),
                    "expires": expires.timestamp(),
                },
            )

    async def get(self, interaction_id: int) -> KeptInteraction | None:
        """Return a kept interaction; None when it has expired or cannot be decrypted."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                interactions.select().where(
                    interactions.c.id == interaction_id, interactions.c.expires > time.time()
                )
            )
            row = rows.mappings().first()
        if row is None:
            return None
        token, urls = self._secrets.open(row["token"]), self._secrets.open(row["urls"])
        if token is None or urls is None:
            return None
        return KeptInteraction(
            application_id=row["application_id"],
            token=token,
            urls={int(attachment): url for attachment, url in json.loads(urls).items()},
        )
