# Follow-up questions that go back to the media.
phase-queued = Waiting for the question before this one …
phase-searching = Searching …
evidence-alt = What I looked at: { $label }
item-unknown = There is no item { $number } here; there are { $count }.
item-not-visible = You may not see the message that this file stands in, so I do not look at it again for you.
note-corrected = ✏️ Item { $number } was corrected by { $person }: { $text }
note-source-gone = I could not go back to a file, so I answered from what I had read of it.
note-unsure = I could not see it well enough to be sure.
note-question-limit = I stopped looking after { $count } looks. Ask again, about less at once, for more.
note-from-readings = Answered from what was read when it was posted: the configured model cannot look again.
button-regenerate = Regenerate
button-text = Text
button-refine = Refine
