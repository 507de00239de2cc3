"""What people do on the local Discord, as methods."""

from playground.discord.people.commands import Commands
from playground.discord.people.components import Components
from playground.discord.people.messages import Talk
from playground.discord.people.places import Places

__all__ = ["People"]


class People(Places, Talk, Commands, Components):
    """Everything a person can do."""
