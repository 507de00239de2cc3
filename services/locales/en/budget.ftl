# Limits of the day. { $resumes } is a Unix time that Discord shows in everyone's own time zone.
budget-person-requests = You have used up your requests for today. They go on <t:{ $resumes }:R>.
budget-server-requests = This server has used up its requests for today. They go on <t:{ $resumes }:R>.
budget-person-money = You have used up your budget for today. It goes on <t:{ $resumes }:R>.
budget-server-money = This server has used up its budget for today. It goes on <t:{ $resumes }:R>.
queue-person = { $count } requests of yours are not answered yet. Please ask again <t:{ $resumes }:R>.
queue-channel = { $count } requests in this channel are not answered yet. Please ask again <t:{ $resumes }:R>.
queue-server = { $count } requests on this server are not answered yet. Please ask again <t:{ $resumes }:R>.
queue-total = I have all hands full: { $count } requests are not answered yet. Please ask again <t:{ $resumes }:R>.
budget-total-money = My budget for today is used up. It goes on <t:{ $resumes }:R>.
