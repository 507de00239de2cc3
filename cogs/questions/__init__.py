"""Follow-up questions in the bot's threads, direct messages and reply chains."""

from cogs.questions._cog import QuestionsCog

__all__ = ["QuestionsCog"]
