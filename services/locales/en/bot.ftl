# Progress.
phase-waiting = Waiting in line. My turn for this should come <t:{ $begins }:R>.
phase-looking = Looking …
phase-answering = Thinking …
phase-listening = Listening …
phase-watching = Listening and watching …
phase-summing-up = Summing up …
spent = { $amount } USD so far
while-away = This was posted while I was away.

# Results.
heading-visible-text = Written in it
heading-alt-text = Alt text
made-by-models = Made by a model; it can be wrong.
heading-transcript = Transcript
heading-chapters = Chapters
heading-key-points = Key points
heading-decisions = Decisions
heading-todos = To do
heading-people = Who
heading-only-heard = Only heard
heading-only-seen = Only seen
heading-open-questions = Open questions
heading-on-screen = Written on screen
nothing-said = Nothing is said in it.
transcript-goes-on = The whole transcript is in the files.
frames-looked-at = { $count ->
    [0] sound only
    [one] one frame looked at
   *[other] { $count } frames looked at
}
sheet-alt = Contact sheet of { $name }: { $count } frames with their times
files-left-out = The files are too big to be posted here.
read-before = I have read this file here before: { $link }
estimate = This is { $length } long. Reading it takes about { $minutes ->
    [one] a minute
   *[other] { $minutes } minutes
} and up to { $amount } USD. Shall I?
estimate-unpriced = This is { $length } long. Reading it takes about { $minutes ->
    [one] a minute
   *[other] { $minutes } minutes
}; I do not know what that costs. Shall I?
note-read-until = It is damaged: I could read it up to { $time } only.
note-frames-unread = Its frames could not be described.
note-no-summary = It could not be summed up right now. Use /summarize to try again.
note-no-sound = It has no sound.
note-no-speech = Nothing is said in it.
note-no-picture = It has no picture that I can show; this is its sound.
note-sound-unread = Its sound could not be read.
note-tracks = It has { $count } sound tracks; this is the first.
note-pieces-failed = { $count ->
    [one] One piece of its sound
   *[other] { $count } pieces of its sound
} could not be written down ({ $times }).
note-frames-failed = Some of its frames could not be described ({ $times }).
thread-album = { $count ->
    [one] One file
   *[other] { $count } files
}
thread-conversation = Conversation
file-of = 📎 A file by { $person }
summary-for = 🧵 A summary for { $person }
answering-in = My answer is here: { $link }
stopped = Stopped by { $person }.

# Buttons.
button-stop = Stop
button-retry = Try again
button-delete = Delete
button-go = Go
button-cancel = Cancel
button-stale = This button does not work any more. Please ask again.
button-not-yours = Only the person who asked, or somebody who may manage messages, can do that.
retried-already = I have already done that once more: { $link }
too-late-to-stop = This has already ended. You can delete the answer instead.

# Commands.
command-describe = Describe a picture or video: what it shows and what is written in it
command-describe-attachment = The picture or video
command-describe-question = What you want to know about it
command-link = Or the link of a message with files
command-transcribe = Write down what is said in a voice note, audio file or video
command-transcribe-attachment = The voice note, audio file or video
command-summarize = Sum up a recording or a video; without one, this thread
command-summarize-attachment = The recording or video
command-summarize-length = How much to say
command-summarize-focus = What you want to know, e.g. only what is said about pricing
command-summarize-language = The language to write in, e.g. en or de
command-summarize-from = Start there, e.g. 1:23
command-summarize-to = Stop there, e.g. 4:56
length-short = short
length-normal = normal
length-long = long
menu-describe = Describe
menu-transcribe = Transcribe
menu-summarize = Summarize
describe-what = Please attach a picture or video, or give the link of a message with one.
transcribe-what = Please attach a recording or video, or give the link of a message with one.
summarize-what = Please attach a recording or video, give the link of a message with one, or use this in one of my threads.
time-not-understood = I do not understand that time. Write it like 1:23 or 1:02:03.
no-media-there = There is no picture, recording or video in that message.
link-not-understood = That is not the link of a message. Use "Copy Message Link" in the message's menu.
link-elsewhere = That message is on another server or in another conversation. Please use the command there.
message-not-visible = I cannot find that message, or you or I may not read it. Please check the link, or post the picture here.

# Questions.
nothing-to-sum-up = There is nothing in this thread yet that I could sum up.
nothing-to-talk-about = I have not seen anything here yet. Post a picture, or mention me in a reply to one.
question-too-long = That is too long for me. Please keep it under { $limit } characters.

# Places.
message-gone = The message was deleted meanwhile. Please post it again if you still want an answer.
place-gone = The place for the answer was deleted meanwhile. Please ask again somewhere else.
place-forbidden = I may not write there. Please ask somebody who manages this server to give me "Send Messages", "Create Public Threads" and "Send Messages in Threads".
blocked-by-server = I have an answer, but this server's AutoMod does not let me post it. Please ask a moderator to exempt me, or ask me somewhere else.
restarting = I am just restarting. Please try that again in a minute.
discord-away = Discord did not answer. Please try again in a moment.

# Everything else.
unexpected = Something went wrong on my side. Please try again; if it happens again, tell my owner.
reference = (reference { $id })
job-parked = I had to start again several times because of this, so I leave it alone. Please try another file or question.
job-cancelled = Whoever runs me has stopped this. Please ask again a little later.
job-timed-out = This took too long, so I stopped. Please try again with less at once.
no-message-content = Discord does not give me the message content intent. I go on by mention, reply, direct message and menu. Turn the intent on in the developer portal to have posts answered by themselves.
