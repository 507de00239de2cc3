"""What is seen and heard, as JSON for programs."""

from __future__ import annotations

import json

from services.domain import Chapter, Correction, Description, Moment, Segment, Summary, Timeline, Transcript
from services.timeline_file import as_json

SEGMENTS = (Segment(0.1239, 4.5, 'Tides, "neap" and spring'), Segment(4.5, 9.25, "Ebbe und Flut: → 🌊"))
SUMMARY = Summary(
    "Tides", "About the moon.", chapters=(Chapter(0.0, "Neap", "The weak ones"), Chapter(5.25, "Spring"))
)


def test_video_keeps_its_clock_its_words_and_its_corrections() -> None:
    """Everything with a time is there, in order, in seconds, whatever characters it has."""
    reading = Timeline(9.5, (Moment(0.0, "A beach", "HARBOUR\n12"),), SEGMENTS, "en", SUMMARY)
    read = json.loads(as_json("tide \u202e.mp4", reading, [Correction("A bay", 5, replaces=True)]))
    assert (read["version"], read["file"], read["seconds"]) == (1, "tide \u202e.mp4", 9.5)
    assert read["moments"] == [{"time": 0.0, "text": "A beach", "visible_text": "HARBOUR\n12"}]
    assert [(each["start"], each["text"]) for each in read["segments"]] == [
        (0.124, SEGMENTS[0].text),
        (4.5, SEGMENTS[1].text),
    ]
    assert [(each["start"], each["title"]) for each in read["chapters"]] == [(0.0, "Neap"), (5.25, "Spring")]
    assert read["corrections"] == [{"text": "A bay", "replaces": True}]


def test_recording_without_a_summary_has_what_is_said() -> None:
    """A short voice note has words, and lists that are empty."""
    read = json.loads(as_json("note.ogg", Transcript(9.5, SEGMENTS, "de")))
    assert len(read["segments"]) == 2
    assert (read["moments"], read["chapters"], read["title"], read["language"]) == ([], [], "", "de")


def test_picture_has_no_clock() -> None:
    """Then there is no such file."""
    assert as_json("a.png", Description("Cat", "A cat.", "", "A cat")) == ""
