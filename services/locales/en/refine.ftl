# Refining a picture.
phase-refining = Refining …
command-refine = Draw a picture again and again, each time compared with the original and corrected
command-refine-attachment = The picture
menu-refine = Refine
button-refine = Refine
button-refine-number = Refine { $number }
refine-what = Please attach a picture, or give the link of a message with one.
refine-recording = I can refine pictures only. For a recording or a video use /summarize or /transcribe; for one moment of a video post a screenshot of it.
refine-too-small = This picture has { $size } pixels; I can refine pictures from { $least } pixels a side. Please post a larger one.
refine-rounds = Please ask for 1 to { $most } rounds.
refine-not-yours = Only the person who started this can decide how it goes on. Use Refine on the picture to start your own.
refine-no-image-model = I cannot draw: no image model is configured (models.image in config.toml).
refine-no-judge = I cannot compare pictures: no model is configured for that (models.judge in config.toml).
refine-not-found = I cannot find "{ $what }" in the picture. Please name it in other words, or upload a mask.
refine-loop-money = This refinement has reached its limit of { $limit } USD.
refine-picture-flagged = A moderation check flagged the picture that was drawn, so I do not post it. Please try other words.
refine-picture-lost = The picture that was drawn is gone from my store. Please go on with another round.

# The form.
refine-form-title = Refine this picture
refine-form-goal = What do you want?
refine-form-goal-hint = Empty: match the original. Or e.g. "make it a night scene".
refine-form-preset = How?
refine-form-limits = What must stay, or what alone may change
refine-form-limits-hint = e.g. "keep the dog", or "only the left cup": I show what I would change first.
refine-form-rounds = Rounds
refine-form-rounds-hint = 1 to { $most }
refine-form-files = A picture to go by, and a mask
refine-form-files-hint = Both optional. I take the file with "mask" in its name for the mask.
refine-preset-match = Match the original
refine-preset-match-hint = Drawn from words alone: how close can text come?
refine-preset-detail = Better detail and light
refine-preset-detail-hint = Edits the picture
refine-preset-restyle = Restyle it
refine-preset-restyle-hint = Edits the picture; say in which style
refine-preset-own = My own words, as an edit
refine-preset-own-hint = Edits the picture as you say
refine-preset-text = My own words, drawn anew
refine-preset-text-hint = From text alone, with your wish in it
refine-correction-title = My correction
refine-correction-label = What should be different?
refine-correction-hint = It counts more than everything else in the next round.
refine-mask-title = What may change
refine-mask-label = Name it in other words

# Rounds.
refine-round = Round { $number }
refine-scores = Judge { $judged } · measured { $measured }
refine-aspect-subject = Subject
refine-aspect-layout = Layout
refine-aspect-colour = Colour
refine-aspect-light = Light
refine-aspect-text = Text
refine-aspect-style = Style
refine-missing = Missing
refine-differences = Different
refine-prompt = Prompt
refine-prompt-added = New in the prompt
refine-prompt-removed = Gone from the prompt
refine-prompt-same = The prompt is the same as before.
refine-disagrees = The judge praises this picture, but measured it is further from the original than before. Look for yourself.
refine-spent = { $amount } USD so far
refine-spent-unknown = I do not know what this costs.

# Strip and chart.
refine-original = Original
refine-judged = Judge { $score }
refine-measured = measured { $score }
refine-best = best
refine-chart-judged = Judge
refine-chart-measured = measured
refine-chart-round = Round
refine-chart-similarity = Similarity
refine-strip-alt = The original beside { $count ->
    [one] one round
   *[other] { $count } rounds
}. Judged similarity by round: { $scores }. Best: round { $best }.
refine-chart-alt = Similarity by round. Judged: { $judged }. Measured: { $measured }.
refine-sheet-alt = { $count } numbered moments of the animation
refine-mask-alt = The mask: transparent where { $share } of the picture may change
refine-overlay-alt = The picture with the { $share } of it that may change tinted and outlined

# Where it stands.
refine-going-on = Refining …
refine-best-so-far = Best: round { $number } (judge { $judged }, measured { $measured })
refine-stop-target = Done: the judge finds it as close as it needs to be.
refine-stop-no-gain = Stopped: the last rounds brought no gain.
refine-stop-rounds = These were all the rounds asked for.
refine-stop-money = Stopped: the money for this is used up.
refine-stop-person = Stopped by { $person }.
refine-stop-back = Back at round { $number }. The next round goes on from there.
refine-stop-failed = Stopped: a round failed.
refine-stop-blocked = Stopped: the safety rules did not allow the next picture.
refine-taken = Round { $number } is your picture.
refine-taken-prompt = Its prompt
refine-originals = The original and the pictures of all rounds.

# Questions.
refine-ask-frame = This moves. Which moment shall I refine?
refine-ask-mask = This is what I would change; everything else stays. Is it right?
refine-ask-estimate = { $rounds ->
    [one] One round
   *[other] { $rounds } rounds
} may cost up to { $amount } USD. Shall I?
refine-estimate-note = { $rounds ->
    [one] One round
   *[other] { $rounds } rounds
} may cost up to { $amount } USD.
refine-mask-scaled = The mask has another size; I scaled it.
refine-mask-reshaped = The mask has another shape than the picture; I stretched it.
refine-mask-no-alpha = The mask has no transparency; I took its light parts as what may change.
refine-mask-greys = The mask has many greys; I split them in the middle.

# Buttons.
button-continue = Continue
button-end = Stop
button-take = Take round { $number }
button-correct = My correction
button-originals = Originals as files
button-back-to = Back to round { $number }
button-soften = Try milder words
button-use-mask = Use it
button-other-words = Other words
