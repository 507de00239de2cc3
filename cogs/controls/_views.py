"""The way back from a button's custom id to the cog, also after a restart."""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from cogs._ui import CUSTOM_ID, custom_id


class PressedButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=CUSTOM_ID):
    """A press of any button whose custom id names an action and a job."""

    def __init__(self, action: str, job_id: str, arg: str) -> None:
        super().__init__(discord.ui.Button(custom_id=custom_id(action, job_id, arg)))
        self.action = action
        self.job_id = job_id
        self.arg = arg

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        """Read action, job and argument back from the custom id."""
        return cls(match["action"], match["job"], match["arg"])

    async def callback(self, interaction: discord.Interaction[Any]) -> Any:
        """Hand the press to the listeners; discord.py would only log an error raised here."""
        interaction.client.dispatch("job_button", interaction, self.action, self.job_id, self.arg)
