"""Settings as types: frozen, passed down by section. `services/configuration.py` reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    SecretStr,
)

ListeningMode = Literal["auto", "mention", "off"]
OFFICIAL_API_URL = "https://discord.com/api/v10"


class Section(BaseModel):
    """A frozen section that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class BotSettings(Section):
    language: str = "en"
    data_dir: Path = Path("data")
    database_url: str = ""


class DiscordSettings(Section):
    """Where Discord is. The three addresses come from the environment (`DISCORD_*`) only."""

    message_content_intent: bool = True
    shard_count: Annotated[int, Field(ge=0)] = 0
    identifies_in_a_row: PositiveInt = 200
    identifies_an_hour: PositiveInt = 25
    refusals: PositiveInt = 1_000
    requests_per_second: Annotated[int, Field(ge=5)] = 50
    cdn_hosts: tuple[str, ...] = ("cdn.discordapp.com", "media.discordapp.net")
    api_url: str = OFFICIAL_API_URL
    gateway_url: str = ""
    token: SecretStr = SecretStr("")


class ListeningSettings(Section):
    default: ListeningMode = "auto"
    channels: dict[str, ListeningMode] = {}

    def mode(self, *channel_ids: int | None) -> ListeningMode:
        """Return the mode of the first of these channels (thread, then its parent) that has one."""
        for channel_id in channel_ids:
            if (found := self.channels.get(str(channel_id))) is not None:
                return found
        return self.default


class CatchUpSettings(Section):
    """How far back the bot goes on after it was away, in messages that are looked through."""

    window_seconds: Annotated[int, Field(ge=0)] = 86_400
    channel_messages: PositiveInt = 200
    server_messages: PositiveInt = 1_000
    total_messages: PositiveInt = 10_000
    direct_channels: Annotated[int, Field(ge=0)] = 100


class LimitSettings(Section):
    attachments: PositiveInt = 10
    image_bytes: PositiveInt = 26_214_400
    image_pixels: PositiveInt = 50_000_000
    animation_moments: Annotated[int, Field(ge=2, le=20)] = 6
    question_chars: PositiveInt = 4_000
    answer_tokens: PositiveInt = 2_000
    description_tokens: PositiveInt = 1_600
    context_chars: PositiveInt = 60_000
    question_calls: Annotated[int, Field(ge=0)] = 6
    question_usd: NonNegativeFloat = 0.05
    job_seconds: PositiveInt = 900
    decode_seconds: PositiveInt = 20
    decode_memory_bytes: PositiveInt = 1_610_612_736
    decode_children: PositiveInt = 2
    sound_bytes: PositiveInt = 262_144_000
    sound_seconds: PositiveInt = 7_200
    video_bytes: PositiveInt = 524_288_000
    video_seconds: PositiveInt = 3_600
    video_frames: Annotated[int, Field(ge=4, le=120)] = 24
    summary_tokens: PositiveInt = 3_000
    summary_from_seconds: PositiveInt = 60
    ask_from_seconds: PositiveInt = 600
    ask_from_usd: NonNegativeFloat = 0.20
    cache_bytes: PositiveInt = 2_147_483_648


class BudgetSettings(Section):
    """Limits per day (UTC); 0 switches one off."""

    person_usd: NonNegativeFloat = 0.50
    server_usd: NonNegativeFloat = 5.00
    total_usd: NonNegativeFloat = 20.00
    person_requests: Annotated[int, Field(ge=0)] = 150
    server_requests: Annotated[int, Field(ge=0)] = 2_000
    call_usd: NonNegativeFloat = 0.01


class QueueSettings(Section):
    """Jobs that are in line or running, in all processes together; 0 switches a limit off."""

    person_jobs: Annotated[int, Field(ge=0)] = 30
    channel_jobs: Annotated[int, Field(ge=0)] = 60
    server_jobs: Annotated[int, Field(ge=0)] = 100
    total_jobs: Annotated[int, Field(ge=0)] = 2_000


class RefineSettings(Section):
    """How far a refinement goes by itself."""

    rounds: PositiveInt = 3
    max_rounds: Annotated[int, Field(ge=1, le=12)] = 8
    loop_usd: NonNegativeFloat = 0.40
    target: Annotated[float, Field(ge=1, le=100)] = 92.0
    least_aspect: Annotated[float, Field(ge=0, le=100)] = 75.0
    patience: PositiveInt = 2
    least_gain: NonNegativeFloat = 1.0
    close_gain: NonNegativeFloat = 4.0
    flag_drop: NonNegativeFloat = 6.0
    verdict_tokens: PositiveInt = 2_000


class EngineSettings(Section):
    default: Literal["openai", "offline"] = "openai"
    concurrency: PositiveInt = 20
    server_concurrency: PositiveInt = 6
    model_calls: PositiveInt = 32
    drain_seconds: NonNegativeFloat = 17.0
    loop_lag_seconds: NonNegativeFloat = 0.0
    heartbeat_seconds: PositiveFloat = 5.0
    dead_after_seconds: PositiveFloat = 30.0
    offline_children: Annotated[int, Field(ge=0)] = 0
    offline_memory_bytes: PositiveInt = 1_258_291_200
    offline_idle_seconds: PositiveInt = 600


class MetricsSettings(Section):
    """Where health checks and metrics are served; port 0 switches them off."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 9464


class RetentionSettings(Section):
    """For how many days what is kept; 0: until somebody erases it."""

    job_days: Annotated[int, Field(ge=0)] = 90
    engine_days: Annotated[int, Field(ge=0)] = 7
    conversation_days: Annotated[int, Field(ge=0)] = 90
    spend_days: Annotated[int, Field(ge=0)] = 35
    left_server_days: Annotated[int, Field(ge=0)] = 7
    """0: at the next sweep."""


LOCAL_MODELS = {
    "vision": "local/pp-ocrv6-small",
    "text": "local/search",
    "transcription": "local/whisper-tiny.en",
    "moderation": "local/open-nsfw",
}
"""What does the work of a role whose api is `offline`, by role."""


class ModelSettings(Section):
    """One role: which model, spoken to how, where and with which key."""

    model: str
    api: Literal["responses", "chat", "transcriptions", "moderations", "images", "offline", "off"]
    base_url: str = ""
    api_key_env: str = "OPENAI_API_KEY"
    api_key: SecretStr = SecretStr("")
    reasoning_effort: str = ""
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_completion_tokens"
    structured: Literal["json_schema", "json_object"] = "json_schema"
    tools: bool = True
    timeout_seconds: PositiveInt = 90
    tries: PositiveInt = 3


class ImageSettings(ModelSettings):
    """The role that draws."""

    quality: Literal["auto", "low", "medium", "high"] = "low"
    sizes: tuple[Annotated[str, Field(pattern=r"^\d{2,4}x\d{2,4}$")], ...] = ()
    """WIDTHxHEIGHT, for models that paint in a few sizes only; empty: any size of today's models."""


class Models(Section):
    vision: ModelSettings = ModelSettings(model="gpt-6-luna", api="responses", reasoning_effort="low")
    text: ModelSettings = ModelSettings(
        model="gpt-6-luna", api="responses", reasoning_effort="low", timeout_seconds=120
    )
    transcription: ModelSettings = ModelSettings(
        model="gpt-transcribe", api="transcriptions", timeout_seconds=120
    )
    moderation: ModelSettings = ModelSettings(
        model="omni-moderation-latest", api="moderations", timeout_seconds=30
    )
    image: ImageSettings = ImageSettings(
        model="gpt-image-2.6-flare", api="images", timeout_seconds=180, tries=1
    )
    judge: ModelSettings = ModelSettings(model="gpt-6-luna", api="responses", reasoning_effort="low")

    def by_role(self) -> dict[str, ModelSettings]:
        """Return the settings of every role that a model server plays, under its name."""
        roles = {
            "vision": self.vision,
            "text": self.text,
            "transcription": self.transcription,
            "moderation": self.moderation,
            "image": self.image,
            "judge": self.judge,
        }
        return {name: role for name, role in roles.items() if role.api not in ("off", "offline")}

    @property
    def is_offline(self) -> bool:
        """Whether models on this machine play a role."""
        roles = (self.vision, self.text, self.transcription, self.moderation)
        return any(role.api == "offline" for role in roles)


class Price(Section):
    """USD per million tokens (and per minute of sound), with the date on which it was looked up."""

    input: NonNegativeFloat = 0.0
    output: NonNegativeFloat = 0.0
    cached: NonNegativeFloat | None = None
    minute: NonNegativeFloat | None = None
    """Of sound; transcription models."""
    image_input: NonNegativeFloat | None = None
    """Tokens of pictures that an image model is given; `input` is for its text."""
    image_output: NonNegativeFloat | None = None
    """Tokens of pictures that it draws."""
    as_of: str


class Settings(Section):
    """All settings of a process."""

    bot: BotSettings = BotSettings()
    discord: DiscordSettings = DiscordSettings()
    listening: ListeningSettings = ListeningSettings()
    catch_up: CatchUpSettings = CatchUpSettings()
    limits: LimitSettings = LimitSettings()
    budgets: BudgetSettings = BudgetSettings()
    queue: QueueSettings = QueueSettings()
    refine: RefineSettings = RefineSettings()
    engine: EngineSettings = EngineSettings()
    metrics: MetricsSettings = MetricsSettings()
    retention: RetentionSettings = RetentionSettings()
    models: Models = Models()
    prices: dict[str, Price] = {}
    secret_key: SecretStr = SecretStr("")
    """ISTHMUS_SECRET_KEY; empty: a key file is made in the data folder."""

    @property
    def database_url(self) -> str:
        """The URL as configured, or that of the SQLite file in the data folder."""
        return self.bot.database_url or f"sqlite:///{(self.bot.data_dir / 'isthmus.db').resolve()}"

    @property
    def is_postgres(self) -> bool:
        return self.database_url.startswith(("postgresql://", "postgres://"))
