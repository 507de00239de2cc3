"""The server that one finds on a first visit: channels for every kind of media, and two people."""

from __future__ import annotations

from dataclasses import dataclass

from playground.discord.people import People
from playground.discord.permissions import Permission
from playground.discord.state import Channel, Guild, User
from playground.discord.world import World

_BIGGEST_TIER = 3
_BOT_NEEDS = (
    Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.ADD_REACTIONS
)


@dataclass(frozen=True, slots=True)
class Founded:
    """What there is to begin with."""

    guild: Guild
    channel: Channel
    """The one that is open first."""
    people: tuple[User, User]


def found(people: People, world: World) -> Founded:
    """Found the playground's server, or find it again in a world that was kept."""
    if world.guilds:
        guild = next(iter(world.guilds.values()))
        members = [each.user for each in guild.members.values() if not each.user.bot]
        return Founded(guild, world.channels[guild.channel_ids[0]], (members[0], members[1]))
    ana, ben = people.add_user("ana"), people.add_user("ben")
    guild = people.add_guild("Two Islands", ana)
    guild.premium_tier = _BIGGEST_TIER
    moderator = people.add_role(guild, "Harbour crew", Permission.MANAGE_MESSAGES, mentionable=True)
    people.add_role(guild, "Painters", 0, mentionable=True)
    people.join(guild, ben)
    people.give_roles(guild, ana, moderator)
    pictures = people.add_channel(guild, "pictures")
    pictures.topic = "Post a picture: the bot opens a thread and says what it sees."
    voices = people.add_channel(guild, "voice-and-video")
    voices.topic = "Record a voice note, or drop a sound or a video here."
    drawing = people.add_channel(guild, "drawing")
    drawing.topic = "Post a picture and press Refine, or use /refine: it is drawn again from its description."
    crew = people.add_channel(guild, "harbour-crew")
    crew.topic = "Only the Harbour crew sees this."
    people.deny(crew, guild, Permission.VIEW_CHANNEL)
    people.allow(crew, moderator, Permission.VIEW_CHANNEL)
    people.allow(crew, world.app, Permission.VIEW_CHANNEL)
    quiet = people.add_channel(guild, "bot-may-only-look")
    quiet.topic = "The bot sees what is posted here, and may not answer."
    people.deny(quiet, world.app, _BOT_NEEDS)
    unseen = people.add_channel(guild, "without-the-bot")
    unseen.topic = "The bot does not see this channel."
    people.deny(unseen, world.app, Permission.VIEW_CHANNEL)
    return Founded(guild, pictures, (ana, ben))
