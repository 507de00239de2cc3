// One message as an element.

import { act } from "/page/static/api.js";
import { attachments } from "/page/static/attachments.js";
import { avatar } from "/page/static/avatar.js";
import { components } from "/page/static/components.js";
import { h, icon } from "/page/static/dom.js";
import { embeds } from "/page/static/embeds.js";
import { pickEmoji } from "/page/static/emoji.js";
import { inline, markdown } from "/page/static/markdown.js";
import { memberMenu, messageMenu, toolbar } from "/page/static/menus.js";
import { emit, name, older, place, state, threadsOf } from "/page/static/state.js";
import { trying } from "/page/static/toasts.js";

const [RENAMED, THREAD_CREATED, REPLY, COMMAND, STARTER, MENU] = [4, 18, 19, 20, 21, 23];
const [EPHEMERAL, LOADING] = [1 << 6, 1 << 7];
const GROUP_SECONDS = 420;

const when = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

/** Tell whether a message goes on below the one before it, without its author's name. */
export function continues(message, before) {
  return Boolean(before) && before.author.id === message.author.id && message.type === 0 && [0, REPLY].includes(before.type) && !message.interaction_metadata &&
    Date.parse(message.timestamp) - Date.parse(before.timestamp) < GROUP_SECONDS * 1000;
}

export const dayOf = (message) => day.format(new Date(message.timestamp));

/** Return the element of a message. `keep(key, build)` gives back media of before. */
export function messageElement(message, { compact, keep, pane }) {
  if ([RENAMED, THREAD_CREATED].includes(message.type)) return systemLine(message);
  const shown = message.type === STARTER && message.referenced_message ? message.referenced_message : message;
  const mine = message.mention_everyone || (message.mentions ?? []).some((each) => each.id === state.me.id);
  const classes = ["message", compact ? "compact" : "", mine ? "pinged" : "", message.flags & EPHEMERAL ? "ephemeral" : ""];
  const element = h("article", {
    class: classes.filter(Boolean).join(" "), tabindex: "-1", dataset: { id: message.id }, "aria-label": `${name(shown.author)}, ${when.format(new Date(message.timestamp))}`,
    oncontextmenu: (event) => messageMenu(event, shown, pane),
  },
  above(message),
  compact ? h("time", { class: "side-time", datetime: message.timestamp, "aria-hidden": "true" }, when.format(new Date(message.timestamp))) : h("button", { type: "button", class: "avatar-button", "aria-label": `About ${name(shown.author)}`, tabindex: "-1", onclick: (event) => memberMenu(event.currentTarget, shown.author, message.channel_id) }, avatar(shown.author)),
  h("div", { class: "body" }, compact ? null : head(shown), content(shown, keep), reactions(message), threadLink(message), ephemeralNote(message, pane)),
  shown === message ? toolbar(message, pane) : null);
  return element;
}

function head(message) {
  const date = new Date(message.timestamp);
  const today = dayOf(message) === day.format(new Date());
  return h("header", { class: "message-head" },
    h("span", { class: message.author.bot ? "author bot" : "author" }, name(message.author)),
    message.author.bot ? h("span", { class: "tag" }, "APP") : null,
    h("time", { datetime: message.timestamp, title: whole.format(date) }, today ? when.format(date) : `${day.format(date)}, ${when.format(date)}`));
}

/** Return what stands above: the message that is answered, or the command that was used. */
function above(message) {
  const answered = message.interaction_metadata;
  // A form has no name; the command that opened it has.
  const used = answered?.triggering_interaction_metadata ?? answered;
  if (message.type === REPLY) {
    const target = message.referenced_message;
    return h("button", { type: "button", class: "above", tabindex: "-1", onclick: () => target && emit("go", { channel: target.channel_id, message: target.id }) },
      icon("reply"), target ? [avatar(target.author, "tiny"), h("b", {}, name(target.author)), h("span", {}, snippet(target))] : h("span", {}, "The message that this answers is gone."));
  }
  if ([COMMAND, MENU].includes(message.type) && used) {
    return h("div", { class: "above" }, avatar(used.user, "tiny"), h("b", {}, name(used.user)), h("span", {}, "used"), h("span", { class: "mention" }, `${message.type === COMMAND ? "/" : ""}${used.name ?? "a command"}`));
  }
  return null;
}

/** Return a message in a few words. */
export function snippet(message) {
  if (message.content) return inline(message.content.split("\n")[0].slice(0, 160));
  if (message.flags & (1 << 13)) return "Voice note";
  if (message.attachments?.length) return message.attachments.length > 1 ? `${message.attachments.length} files` : message.attachments[0].filename;
  return message.components?.length || message.embeds?.length ? "Card" : "Message";
}

function content(message, keep) {
  if (message.flags & LOADING) return h("p", { class: "thinking", role: "status" }, dots(), `${name(message.author)} is thinking…`);
  const forwarded = message.message_snapshots?.[0]?.message;
  return [
    message.content ? h("div", { class: onlyEmoji(message.content) ? "text jumbo" : "text" }, markdown(message.content), edited(message)) : null,
    forwarded ? h("div", { class: "forwarded" }, h("small", {}, icon("reply"), "Forwarded"), content({ ...forwarded, author: message.author }, keep)) : null,
    message.flags & (1 << 15) ? null : attachments(message, keep),
    embeds(message),
    message.components?.length ? h("div", { class: "components" }, components(message, keep)) : null,
    message.content || !message.edited_timestamp ? null : edited(message),
  ];
}

export const dots = () => h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
const onlyEmoji = (text) => /^(\p{Extended_Pictographic}|\p{Emoji_Component}|\s){1,24}$/u.test(text) && !/^[\d#*\s]+$/.test(text);
const edited = (message) => (message.edited_timestamp ? h("span", { class: "edited", title: whole.format(new Date(message.edited_timestamp)) }, "(edited)") : null);

function reactions(message) {
  if (!message.reactions?.length) return null;
  const change = (emoji, mine) => trying(() => act("react", { channel: message.channel_id, message: message.id, emoji, take_back: mine }));
  return h("div", { class: "reactions" }, message.reactions.map((each) => h("button", {
    type: "button", class: "reaction", "aria-pressed": String(each.me), "aria-label": `${each.emoji.name}, ${each.count}`, dataset: { custom: `react-${each.emoji.name}` }, onclick: () => change(each.emoji.name, each.me),
  }, h("span", { class: "emoji" }, each.emoji.name), h("span", {}, String(each.count)))),
  h("button", { type: "button", class: "reaction add", "aria-label": "Add a reaction", onclick: (event) => pickEmoji(event.currentTarget, (emoji) => change(emoji, false)) }, icon("smile")));
}

function threadLink(message) {
  const thread = state.threads.get(message.id);
  if (!thread || message.channel_id === message.id) return null;
  const last = thread.last_message_id && (!state.read[thread.id] || older(thread.last_message_id, state.read[thread.id]) > 0);
  return h("button", { type: "button", class: last ? "thread-link unread" : "thread-link", dataset: { thread: thread.id, custom: `thread-${thread.id}` }, onclick: () => emit("go", { channel: thread.id }) },
    icon("thread"), h("b", {}, thread.name), h("span", {}, `${thread.message_count} ${thread.message_count === 1 ? "message" : "messages"} ›`));
}

function ephemeralNote(message, pane) {
  if (!(message.flags & EPHEMERAL)) return null;
  return h("div", { class: "only-you" }, icon("eye"), "Only you can see this", h("button", { type: "button", class: "plain", onclick: () => pane.dismiss(message.id) }, "Dismiss"));
}

function systemLine(message) {
  const thread = threadsOf(message.channel_id).find((each) => each.id === message.message_reference?.channel_id);
  const text = message.type === THREAD_CREATED ? ["started a thread: ", h("b", {}, thread?.name ?? message.content)] : ["changed the name to ", h("b", {}, message.content)];
  const go = thread && place(thread.id) ? h("button", { type: "button", class: "plain", onclick: () => emit("go", { channel: thread.id }) }, "Open") : null;
  return h("article", { class: "message system", tabindex: "-1", dataset: { id: message.id } }, icon("thread"), h("p", {}, h("b", {}, name(message.author)), " ", text, " ", go));
}
