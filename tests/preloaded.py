"""What the process that the tests' bots are forked from has done: the imports, and the SDK's schemas."""

import asyncio

import bot
from services.ai._rehearsal import rehearse

assert bot.main, "the import is what it is for"
asyncio.run(rehearse())
