"""Puts services and Discord's REST client together; shared by the gateway bot and the worker."""

from __future__ import annotations

import aiohttp
import discord
from services.catalogue import Catalogue
from services.container import Role, Services, Stores
from services.operating.metrics import Metrics
from services.refusals import Refusals
from services.rest_budget import make_rest_budget
from services.settings import Settings

from cogs._delivery import DiscordDelivery
from cogs._messages import MessageFinder
from cogs._presenting import Presenter
from cogs._refusals import watch
from cogs._responses import CommandResponses
from cogs._rest import pace, report
from cogs._uploads import Uploads

REST_PATIENCE_SECONDS = 60.0
"""Longest wait that discord.py may spend on one rate limit before it raises."""


class RestClient(discord.Client):
    """Speaks to Discord by REST alone: what jobs use, with or without a gateway beside them.

    It is apart from the gateway's client so that jobs outlive a gateway that has to be built anew.

    Args:
        metrics: What hears of every response.
    """

    def __init__(self, settings: Settings, metrics: Metrics | None = None) -> None:
        self.metrics = metrics or Metrics()
        self.refusals = Refusals(limit=settings.discord.refusals)
        self.budget = make_rest_budget(settings)
        """Of requests, shared with the gateway's client."""
        trace = aiohttp.TraceConfig()
        watch(trace, self.refusals)
        pace(trace, self.budget)
        report(trace, self.metrics)
        super().__init__(
            intents=discord.Intents.none(),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            max_ratelimit_timeout=REST_PATIENCE_SECONDS,
            http_trace=trace,
        )

    async def close(self) -> None:
        """Close the connections."""
        await super().close()
        await self.budget.aclose()


def create_services(settings: Settings, role: Role, client: RestClient) -> Services:
    """Wire everything up; nothing is opened or connected before `Services.start()`."""
    catalogue = Catalogue.load(settings.bot.language)
    stores = Stores(settings)
    delivery = DiscordDelivery(
        client=client,
        presenter=Presenter(catalogue, refines=settings.models.image.api != "off"),
        messages=MessageFinder(client),
        responses=CommandResponses(client=client, interactions=stores.interactions),
        uploads=Uploads(stores.blobs),
        budget=client.budget,
    )
    return Services(
        settings=settings,
        role=role,
        catalogue=catalogue,
        stores=stores,
        delivery=delivery,
        refusals=client.refusals,
        rest_budget=client.budget,
        metrics=client.metrics,
    )
