"""What models are asked to fill in; strict schemas know no defaults and no free dictionaries."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from services.domain import Description

TITLE_LIMIT = 100
ALT_TEXT_LIMIT = 1000


class DescriptionFields(BaseModel):
    """The structured answer to `describe_picture` and `describe_animation`."""

    # Strict schemas must say it. What a server adds all the same is ignored, not refused.
    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})

    title: str
    text: str
    visible_text: str
    alt_text: str
    answer: str

    def to_domain(self) -> Description:
        """Return the reading, trimmed to what can be shown."""
        text = self.text.strip()
        return Description(
            title=shortened(self.title.strip() or text, TITLE_LIMIT),
            text=text,
            visible_text=self.visible_text.strip(),
            alt_text=shortened(self.alt_text.strip() or text, ALT_TEXT_LIMIT),
            answer=self.answer.strip(),
        )


def shortened(text: str, limit: int) -> str:
    """Cut a text at a word's end to at most `limit` characters, with an ellipsis."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    return (head.rsplit(" ", 1)[0] or head).rstrip(" ,.;:") + "…"
