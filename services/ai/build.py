"""Builds the models that the settings ask for."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

import httpx2
import openai

from services.ai.clients import Clients
from services.ai.language_model import LanguageModel, OutputLimits
from services.ai.openai_chat import OpenAIChat
from services.ai.openai_moderation import OpenAIModerator
from services.ai.openai_responses import OpenAIResponses
from services.ai.openai_transcription import OpenAITranscription
from services.ai.prices import PriceTable
from services.ai.protocols import Moderator, TextModel, TranscriptionModel, VisionModel
from services.settings import ModelSettings, Settings

log = logging.getLogger(__name__)

CHECK_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Models:
    """Every capability that the bot has."""

    vision: VisionModel
    text: TextModel
    transcription: TranscriptionModel | None
    """None when the role is switched off."""
    moderator: Moderator | None
    prices: PriceTable
    clients: Clients

    async def aclose(self) -> None:
        """Close all connections."""
        await self.clients.aclose()


def build_models(settings: Settings, transport: httpx2.AsyncBaseTransport | None = None) -> Models:
    """Build the adapters; nothing is connected yet."""
    clients = Clients(transport)
    prices = PriceTable(settings.prices)
    slots = asyncio.Semaphore(settings.engine.model_calls)

    limits = settings.limits
    output = OutputLimits(limits.description_tokens, limits.answer_tokens, limits.summary_tokens)

    def language_model(name: str, role: ModelSettings) -> LanguageModel:
        api = OpenAIChat if role.api == "chat" else OpenAIResponses
        return LanguageModel(
            api(role_name=name, role=role, client=clients.of(role), prices=prices, slots=slots), output
        )

    roles = settings.models
    moderator = None
    if roles.moderation.api != "off":
        moderator = OpenAIModerator(
            role=roles.moderation, client=clients.of(roles.moderation), prices=prices, slots=slots
        )
    transcription = None
    if roles.transcription.api != "off":
        transcription = OpenAITranscription(
            role=roles.transcription, client=clients.of(roles.transcription), prices=prices, slots=slots
        )
    return Models(
        vision=language_model("vision", roles.vision),
        text=language_model("text", roles.text),
        transcription=transcription,
        moderator=moderator,
        prices=prices,
        clients=clients,
    )


async def check_models(settings: Settings, clients: Clients) -> list[str]:
    """Ask each endpoint for the configured models; return what an operator should know.

    Servers without that endpoint, or slow to answer, are passed over.
    """
    notes: list[str] = []
    for name, role in settings.models.by_role().items():
        client = clients.of(role).with_options(max_retries=0, timeout=CHECK_SECONDS)
        try:
            model = await client.models.retrieve(role.model)
        except openai.NotFoundError as error:
            if error.code == "model_not_found":
                notes.append(f"models.{name}: {role.model} does not exist, or this key may not use it")
        except openai.AuthenticationError:
            notes.append(f"models.{name}: the key in {role.api_key_env} is rejected")
        except openai.APITimeoutError:
            log.info("models.%s was not checked: no answer in time", name)
        except openai.APIConnectionError:
            notes.append(f"models.{name}: {client.base_url} cannot be reached")
        except openai.OpenAIError as error:
            log.info("models.%s was not checked (%s)", name, type(error).__name__)
        else:
            if shutdown := getattr(model, "shutdown_date", None):
                notes.append(f"models.{name}: {role.model} shuts down on {shutdown}")
    return notes
