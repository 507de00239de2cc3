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
button-edit = Edit { $number }
text-nothing = There is no text here any more. Please ask again under the picture.
text-empty = Please write what is right, and send the form again.
text-is-used = This is the text that I answer and draw from. Change it where it is wrong.
text-corrected-by = ✏️ corrected by { $person }
text-edited = ✏️ { $person } changed the text of item { $number }. Later answers use it.
text-form = Text of item { $number }
text-form-whole = What I work from
text-form-added = What is right (it is added to the text)
command-forget = Erase what I remember of this thread: readings, questions, corrections and cached media
forgotten = I have forgotten { $items ->
    [0] no file
    [one] one file
   *[other] { $items } files
}, { $turns ->
    [0] no message
    [one] one message
   *[other] { $turns } messages
} and { $corrections ->
    [0] no correction
    [one] one correction
   *[other] { $corrections } corrections
} of this thread, with all that I had cached and recorded of them. The messages themselves stay.
forget-busy = I am still working here. Please wait for the answer or stop it, then use /forget again.
forget-nothing = There is nothing here that I remember.
forget-not-yours = Only who began this thread, or somebody who may manage messages, can do that.
