# The command /status.
command-status = Your own running and waiting jobs, and what is left of your budget today
status-no-jobs = Nothing of yours is running or waiting.
status-running = { $number }. { $what }, since <t:{ $since }:R>: { $link }
status-queued = { $number }. { $what }, waiting since <t:{ $since }:R>: { $link }
status-nowhere = nothing is posted for it yet
status-more-jobs = … and { $count } more.
status-does-read-post = Reading files
status-does-answer-question = Answering a question
status-does-summarize-thread = Summing up a thread
status-does-refine-image = Refining a picture
status-money = Used today: { $spent } of { $limit } USD.
status-money-unlimited = Used today: { $spent } USD.
status-requests = Requests today: { $count } of { $limit }.
status-requests-unlimited = Requests today: { $count }.
status-paused = Paid work is paused for everybody at the moment: whoever runs me has to look after the account. Please try again later.
status-stop = Stop { $number }
status-stopped = I have stopped it.
