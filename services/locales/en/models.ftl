# What can go wrong with a model.
model-too-slow = The model took too long to answer. Please try again.
model-unreachable = The model cannot be reached right now. Please try again in a few minutes.
model-busy = The model is overloaded right now. Please try again in a few minutes.
model-blocked = The model's safety rules do not allow an answer to this. Please try another picture or question.
model-refused = The model declined to answer this. Please try another picture or question.
model-cut-short = The model's answer broke off before its end. Please try again, perhaps with a simpler question.
model-empty = The model gave no answer. Please try again.
model-broken-reply = The model's answer could not be understood. Please try again.
model-refused-request = The model did not accept the request. Please try another picture or question.
model-unreadable-picture = The model could not read this picture. Saving it again in another format may help.
model-too-much = This is more than the model can take in at once. Please ask about fewer things.
model-no-credit = I cannot answer now: the account that pays for the model has no credit. My owner has been told; please try again later.
model-key-rejected = I cannot answer now: the model provider rejects my key. My owner has been told; please try again later.
model-missing = I cannot answer now: the configured model is not available. My owner has been told; please try again later.
credit-paused = I cannot answer now: the model account needs my owner's attention. Please try again later.
no-transcription-model = I cannot hear: no transcription model is configured (models.transcription in config.toml).
owner-paused = ⚠️ I have paused everything that is paid for. What people are told: "{ $reason }" Please look at the credit, the key and the model ids (./dev check names them). I try again every five minutes.
