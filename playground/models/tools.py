"""Tools that a scripted model asks for: the fitting one, with arguments read from the question."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playground.models.calls import ModelCall, ToolCall
from playground.models.errors import ApiError
from playground.models.material import time_in
from playground.models.questions import question_in
from playground.models.schema_filling import Facts, fill
from playground.models.words import words_of

MOST_CALLS = 4
"""After so many calls for one question a model answers with what it has."""
_HINTS = {
    "look": "picture image photo see seen colour color corner sign small zoom written wearing background",
    "frames": "video film moment second seconds frame happens happening scene clip",
    "listen": "say says said hear heard voice sound speech spoken audio recording tells",
    "search": "search find mention mentioned earlier anywhere thread who",
    "compare": "compare comparison difference differences different same alike between",
    "correct": "correct correction correctly wrong mistake misread actually",
    "draw": "draw paint drawing generate sketch",
}
_ITEM = re.compile(
    r"(?:\b(?:item|picture|image|photo|video|file|number|nr|no)\.? ?|#)(\d+)|\b(\d+)(?:st|nd|rd|th)\b"
)
_SET_RIGHT = re.compile(r"\b(?:is|are|was|were)(?: not|n[’']t) .+(?:, (?:it|they|that|this|but)|\bbut)\b")
"""As people set something right: "That is not a dog, it is a fox"."""
_CORNERS = {
    ("top", "left"): [0.0, 0.0, 0.5, 0.5],
    ("top", "right"): [0.5, 0.0, 1.0, 0.5],
    ("bottom", "left"): [0.0, 0.5, 0.5, 1.0],
    ("bottom", "right"): [0.5, 0.5, 1.0, 1.0],
    ("top",): [0.0, 0.0, 1.0, 0.5],
    ("bottom",): [0.0, 0.5, 1.0, 1.0],
    ("left",): [0.0, 0.0, 0.5, 1.0],
    ("right",): [0.5, 0.0, 1.0, 1.0],
}
"""Left, top, right and bottom of what words name; the first that fits counts."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that a request offers."""

    name: str
    description: str
    parameters: Mapping[str, Any]


def tools_in(body: Mapping[str, Any]) -> list[Tool]:
    """Return the function tools of a request of either API.

    Raises:
        ApiError: As the real API answers; 501 for tools that are no functions.
    """
    tools: list[Tool] = []
    for each in body.get("tools") or ():
        if each.get("type") != "function":
            raise ApiError(
                501, "not_implemented", f"The scripted models have no tool of type {each.get('type')}"
            )
        function = each.get("function", each)
        if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", function.get("name") or ""):
            raise ApiError(400, "invalid_value", "Invalid name of a function.", param="tools[0].name")
        parameters = function.get("parameters") or {"type": "object", "properties": {}}
        tools.append(Tool(function["name"], function.get("description") or "", parameters))
    return tools


def wanted(call: ModelCall) -> list[ToolCall]:
    """Return the calls that a model makes instead of an answer; none where it can answer."""
    tools = tools_in(call.body)
    choice = call.body.get("tool_choice", "auto")
    if not tools or choice == "none":
        return []
    question = question_in(call.said) or next((e.text for e in reversed(call.said) if e.role == "user"), "")
    if isinstance(choice, Mapping):
        forced = choice.get("name") or (choice.get("function") or {}).get("name")
        return _calls([each for each in tools if each.name == forced][:1], question, call)
    if choice == "auto" and (len(call.tool_calls) >= MOST_CALLS or _is_answered(call, question)):
        return []
    tried = {each.name for each in call.tool_calls}
    untried = [each for each in tools if each.name not in tried] or (tools if choice == "required" else [])
    ranked = sorted(untried, key=lambda tool: -_fit(tool, question))
    if choice == "auto":
        ranked = [tool for tool in ranked if _fit(tool, question) > 0]
    return _calls(ranked[:1], question, call)


def _is_answered(call: ModelCall, question: str) -> bool:
    """Tell whether what the tools brought, or their last pictures, has to do with the question."""
    asked = words_of(question)
    return any(asked & words_of(result) for result in call.tool_results)


def _fit(tool: Tool, question: str) -> int:
    asked = words_of(question)
    hints = words_of(" ".join(text for name, text in _HINTS.items() if name in tool.name.lower()))
    named = words_of(re.sub(r"[_-]", " ", tool.name))
    timed = time_in(question) is not None and "frame" in tool.name
    if "correct" in tool.name and _SET_RIGHT.search(question):
        return 20
    return 2 * len(asked & hints) + 2 * len(asked & named) + len(asked & words_of(tool.description)) + 2 * timed


def _calls(tools: Sequence[Tool], question: str, call: ModelCall) -> list[ToolCall]:
    """Return a call for each numbered item of the question, where parallel calls are allowed; else one."""
    made: list[ToolCall] = []
    for tool in tools:
        numbers = [int(found[1] or found[2]) for found in _ITEM.finditer(question.lower())]
        takes_many = any(each in tool.parameters.get("properties", {}) for each in ("items", "numbers"))
        parallel = call.body.get("parallel_tool_calls") is not False and not takes_many
        chosen = (numbers if parallel else numbers[:1]) or [None]
        for number in dict.fromkeys(chosen):
            arguments = fill(tool.parameters, _facts(question, number, numbers))
            made.append(ToolCall(f"call_{secrets.token_hex(12)}", tool.name, json.dumps(arguments)))
    known = {(each.name, each.arguments) for each in call.tool_calls}
    return [each for each in made if (each.name, each.arguments) not in known] or made[:1]


def _facts(question: str, number: int | None, numbers: Sequence[int]) -> Facts:
    wordy = ("query", "question", "request", "rewritten_prompt", "text", "what")
    text: dict[str, str] = dict.fromkeys(wordy, question)
    found: dict[str, float] = {}
    if number is not None:
        text |= dict.fromkeys(("item", "label", "name"), str(number))
        found |= dict.fromkeys(("item", "number", "index", "picture", "media", "item_number"), number)
    if (time := time_in(question)) is not None:
        found |= {"time_seconds": time, "seconds": time, "end_seconds": time}
    lists: dict[str, list[float]] = {"items": [*numbers], "numbers": [*numbers]} if numbers else {}
    words = words_of(question)
    if (box := next((box for side, box in _CORNERS.items() if words >= set(side)), None)) is not None:
        left, top, right, bottom = box
        found |= {"x": left, "left": left, "x0": left, "y": top, "top": top, "y0": top}
        found |= {"right": right, "x1": right, "bottom": bottom, "y1": bottom}
        found |= {"width": right - left, "height": bottom - top}
        lists |= {"box": box, "bbox": box, "region": box, "crop": box}
    if time is not None:
        lists |= {"times": [time], "times_seconds": [time]}
    sides = ("x", "left", "x0", "y", "top", "y0", "right", "x1", "bottom", "y1", "width", "height")
    full: dict[str, float] = dict.fromkeys(sides, 1.0)
    return Facts(question, text, found, {}, full=full, number_lists=lists, sparse=True)
