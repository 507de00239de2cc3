// Every sentence about what did not work, by the code that the server answers.

const kilo = (bytes) => `${Math.round(bytes / 1024 / 1024)} MB`;

const SENTENCES = {
  "offline": () => "The server does not answer right now. Your text is still here: try again in a moment.",
  "channel-gone": () => "That channel is gone, or you may not see it any more.",
  "message-gone": () => "That message is gone; somebody was quicker.",
  "choice-gone": () => "What you chose is not there any more. Please choose again.",
  "person-gone": () => "This person is not on the server any more. Pick somebody at the bottom left.",
  "command-gone": () => "The bot does not offer this command any more. Type / to see what it offers now.",
  "form-gone": () => "This form is too old: the bot has restarted since. Please press its button once more.",
  "empty": () => "There is nothing to send yet. Write something, or attach a file.",
  "too-long": ({ most }) => `A message may have ${most} characters. Please shorten it a little, or send it in two.`,
  "too-big": ({ most }) => `One of the files is too big: ${kilo(most)} is the most that this server takes.`,
  "too-many-files": ({ most }) => `A message holds ${most} files at most. Please send the rest in a second one.`,
  "not-yours": () => "Somebody else wrote this message, so it is not yours to change.",
  "thread-name": () => "A thread needs a name of 1 to 100 characters.",
  "recording-unreadable": () => "The recording could not be read. Please record it once more.",
  "may-not": ({ detail }) => permission(detail),
  "does-not-fit": ({ detail }) => `That does not fit: ${detail}.`,
  "no-answer": () => "The bot did not answer within three seconds. Is it still starting? Try again in a moment.",
  "not-from-here": () => "The server only talks to its own page. Open it by the address that it printed.",
  "no-such-fault": () => "This cannot be made to fail here.",
  "discord-160004": () => "There is a thread on this message already.",
  "discord-160006": () => "This server has as many open threads as it may have.",
  "no-microphone": () => "There is no microphone here, or the browser may not use it. Allow it in the address bar and try again.",
  "too-short": () => "That was too short to hear. Press the microphone, speak, then send.",
  "unshowable": () => "Your browser cannot show this picture.",
  "unplayable": () => "Your browser cannot play this file. You can download it.",
};

const WORDS = {
  SEND_MESSAGES: "write", SEND_MESSAGES_IN_THREADS: "write in threads", ATTACH_FILES: "attach files",
  ADD_REACTIONS: "react", VIEW_CHANNEL: "look", MANAGE_THREADS: "write in a locked thread",
  CREATE_PUBLIC_THREADS: "open threads", USE_APPLICATION_COMMANDS: "use commands",
};

function permission(detail = "") {
  const [, right, place] = /may not (\w+) in (.+)$/.exec(detail) ?? [];
  return right ? `You may not ${WORDS[right] ?? right.toLowerCase().replaceAll("_", " ")} in ${place}.` : `${detail || "That is not allowed here"}.`;
}

/** Return the sentence for a code. */
export function sentence(code, values = {}) {
  return SENTENCES[code]?.(values) ?? `Discord said no: ${values.detail ?? code}.`;
}
