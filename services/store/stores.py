"""The database of a process and its repositories."""

from __future__ import annotations

from services.secret_box import SecretBox
from services.settings import Settings
from services.store.blobs import BlobRepository
from services.store.checkpoints import CheckpointRepository
from services.store.conversations import ConversationRepository
from services.store.database import Database
from services.store.deletions import DeletionRepository
from services.store.discord_counts import DiscordCountRepository
from services.store.erased_files import ErasedFileRepository
from services.store.erasure import ErasureRepository
from services.store.expiry import ExpiryRepository
from services.store.exports import ExportRepository
from services.store.interactions import InteractionRepository
from services.store.jobs import JobRepository
from services.store.questions import QuestionRepository
from services.store.refinements import RefinementRepository
from services.store.servers import ServerRepository
from services.store.spending import SpendingRepository
from services.store.traces import TraceRepository


class Stores:
    """The database and its repositories."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.secret_key.get_secret_value()
        self.secrets = SecretBox.load(secret, settings.bot.data_dir)
        self.database = Database(settings.database_url)
        self.jobs = JobRepository(self.database)
        self.conversations = ConversationRepository(self.database)
        self.interactions = InteractionRepository(self.database, self.secrets)
        self.questions = QuestionRepository(self.database)
        self.refinements = RefinementRepository(self.database)
        self.blobs = BlobRepository(self.database)
        self.checkpoints = CheckpointRepository(self.database)
        self.deletions = DeletionRepository(self.database)
        self.discord_counts = DiscordCountRepository(self.database)
        self.spending = SpendingRepository(self.database)
        self.servers = ServerRepository(self.database)
        self.expiry = ExpiryRepository(self.database)
        self.traces = TraceRepository(self.database)
        self.erasure = ErasureRepository(self.database)
        self.erased_files = ErasedFileRepository(self.database)
        self.exports = ExportRepository(self.database)
