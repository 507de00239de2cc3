"""Discord in, Discord out: with bot.py the only code that imports discord."""
