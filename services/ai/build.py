"""Builds the models that the settings ask for."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass

import httpx2
import openai

from services.ai.clients import Clients
from services.ai.language_model import CompletionApi, LanguageModel, OutputLimits
from services.ai.model_judge import ModelJudge
from services.ai.offline.model_children import ModelChildren
from services.ai.offline.moderation import OfflineModerator
from services.ai.offline.parts import SAFETY, availability, is_installed
from services.ai.offline.text import OfflineText
from services.ai.offline.transcription import OfflineTranscription
from services.ai.offline.vision import OfflineVision
from services.ai.openai_chat import OpenAIChat
from services.ai.openai_images import OpenAIImages
from services.ai.openai_moderation import OpenAIModerator
from services.ai.openai_responses import OpenAIResponses
from services.ai.openai_transcription import OpenAITranscription
from services.ai.prices import PriceTable
from services.ai.protocols import (
    ImageModel,
    Judge,
    Looker,
    Moderator,
    TextModel,
    ToolModel,
    TranscriptionModel,
    VisionModel,
)
from services.fair_slots import FairSlots
from services.operating.metrics import Metrics
from services.settings import LOCAL_MODELS, EngineSettings, ModelSettings, Price, Settings

log = logging.getLogger(__name__)

CHECK_SECONDS = 10
FREE = {name: Price(as_of="always") for name in LOCAL_MODELS.values()}


@dataclass(frozen=True, slots=True)
class Models:
    """Every capability that the bot has."""

    vision: VisionModel
    text: TextModel
    transcription: TranscriptionModel | None
    """None when the role is switched off."""
    moderator: Moderator | None
    image: ImageModel | None
    """None when nothing draws."""
    judge: Judge | None
    agent: ToolModel | None
    """None when the text role's model cannot call tools."""
    looker: Looker | None
    """None when the vision role's model only measures and reads."""
    prices: PriceTable
    clients: Clients
    children: ModelChildren
    """Where local models run; none is started before it is needed."""

    async def aclose(self) -> None:
        """Close all connections, and end the local models."""
        await self.clients.aclose()
        await self.children.aclose()


def build_models(
    settings: Settings, transport: httpx2.AsyncBaseTransport | None = None, metrics: Metrics | None = None
) -> Models:
    """Build the adapters; nothing is connected yet."""
    clients = Clients(transport, metrics)
    prices = PriceTable({**settings.prices, **FREE})
    children = _children(settings.engine)
    slots = FairSlots(settings.engine.model_calls)

    limits = settings.limits
    output = OutputLimits(limits.description_tokens, limits.answer_tokens, limits.summary_tokens)

    def completion(name: str, role: ModelSettings) -> CompletionApi:
        api = OpenAIChat if role.api == "chat" else OpenAIResponses
        return api(role_name=name, role=role, client=clients.of(role), prices=prices, slots=slots)

    def language_model(name: str, role: ModelSettings) -> LanguageModel:
        return LanguageModel(completion(name, role), output)

    roles = settings.models
    vision, text, sound = roles.vision, roles.text, roles.transcription
    looker = None if vision.api == "offline" else language_model("vision", vision)
    writer = None if text.api == "offline" else language_model("text", text)
    return Models(
        vision=looker or OfflineVision(children, seconds=vision.timeout_seconds),
        text=writer or OfflineText(),
        agent=writer if text.tools else None,
        looker=looker,
        transcription=_transcription(sound, clients, prices, slots, children),
        moderator=_moderator(roles.moderation, clients, prices, slots, children),
        image=None
        if roles.image.api == "off"
        else OpenAIImages(role=roles.image, client=clients.of(roles.image), prices=prices, slots=slots),
        judge=None
        if roles.judge.api == "off"
        else ModelJudge(completion("judge", roles.judge), verdict_tokens=settings.refine.verdict_tokens),
        prices=prices,
        clients=clients,
        children=children,
    )


def _children(engine: EngineSettings) -> ModelChildren:
    return ModelChildren(
        children=engine.offline_children or os.cpu_count() or 1,
        memory_bytes=engine.offline_memory_bytes,
        idle_seconds=engine.offline_idle_seconds,
    )


def _transcription(
    role: ModelSettings, clients: Clients, prices: PriceTable, slots: FairSlots, children: ModelChildren
) -> TranscriptionModel | None:
    if role.api == "off":
        return None
    if role.api == "offline":
        return OfflineTranscription(children, seconds=role.timeout_seconds)
    return OpenAITranscription(role=role, client=clients.of(role), prices=prices, slots=slots)


def _moderator(
    role: ModelSettings, clients: Clients, prices: PriceTable, slots: FairSlots, children: ModelChildren
) -> Moderator | None:
    if role.api == "off" or (role.api == "offline" and not is_installed(SAFETY)):
        return None
    if role.api == "offline":
        return OfflineModerator(children, seconds=role.timeout_seconds)
    return OpenAIModerator(role=role, client=clients.of(role), prices=prices, slots=slots)


async def check_models(settings: Settings, clients: Clients) -> list[str]:
    """Ask each endpoint for the configured models; return what an operator should know.

    Servers without that endpoint, or slow to answer, are passed over.
    """
    notes = availability() if settings.models.is_offline else []
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
