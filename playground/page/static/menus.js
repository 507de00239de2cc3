// What one can do with a message or a person.

import { act } from "/page/static/api.js";
import { avatar } from "/page/static/avatar.js";
import { h, icon, iconButton } from "/page/static/dom.js";
import { QUICK, pickEmoji } from "/page/static/emoji.js";
import { useMenu } from "/page/static/interacting.js";
import { menu, popup } from "/page/static/popup.js";
import { emit, isThread, name, place, state } from "/page/static/state.js";
import { toast, trying } from "/page/static/toasts.js";

const [USER_MENU, MESSAGE_MENU, EPHEMERAL] = [2, 3, 1 << 6];

export async function commandsOf(channel, kind) {
  const found = await trying(() => act("commands", { channel }));
  return (found?.commands ?? []).filter((each) => each.type === kind);
}

const react = (message, emoji) => trying(() => act("react", { channel: message.channel_id, message: message.id, emoji }));
const mayReact = (message) => !(message.flags & EPHEMERAL) && place(message.channel_id)?.may.react;
const mayOpenThread = (message) => {
  const channel = place(message.channel_id);
  return channel && !isThread(channel) && [0, 5].includes(channel.type) && channel.may.open_threads && !state.threads.has(message.id) && !(message.flags & EPHEMERAL);
};

/** Return the buttons that show while one points at a message. */
export function toolbar(message, pane) {
  const lasting = !(message.flags & EPHEMERAL);
  return h("div", { class: "toolbar", role: "group", "aria-label": "Actions" },
    mayReact(message) ? iconButton("smile", "Add a reaction", (event) => pickEmoji(event.currentTarget, (emoji) => react(message, emoji)), { tabindex: "-1" }) : null,
    lasting ? iconButton("reply", "Reply", () => pane.reply(message), { tabindex: "-1" }) : null,
    message.author.id === state.me.id ? iconButton("edit", "Edit", () => pane.edit(message), { tabindex: "-1" }) : null,
    iconButton("more", "More", (event) => messageMenu(event, message, pane), { tabindex: "-1" }));
}

export async function messageMenu(event, message, pane) {
  if (event.target.closest?.("a, input, textarea, video")) return;
  event.preventDefault();
  const spot = event.type === "contextmenu" && event.clientX ? { x: event.clientX, y: event.clientY } : event.currentTarget;
  const apps = await commandsOf(message.channel_id, MESSAGE_MENU);
  const mine = message.author.id === state.me.id;
  const lasting = !(message.flags & EPHEMERAL);
  const quick = mayReact(message) ? h("div", { class: "quick" }, QUICK.map((emoji) => h("button", { type: "button", class: "emoji-choice", "aria-label": `React with ${emoji}`, onclick: () => {
    opened.close();
    react(message, emoji);
  } }, emoji))) : null;
  const opened = menu(spot, [
    quick,
    lasting && { label: "Reply", icon: icon("reply"), run: () => pane.reply(message) },
    mine && { label: "Edit", icon: icon("edit"), run: () => pane.edit(message) },
    mayOpenThread(message) && { label: "Open a thread", icon: icon("thread"), run: () => openThread(message) },
    message.content && { label: "Copy text", icon: icon("copy"), run: () => navigator.clipboard.writeText(message.content).then(() => toast("Copied.", "good"), () => toast("The browser does not let this page copy.")) },
    ...(lasting && apps.length ? [h("div", { class: "menu-title" }, "Apps"), ...apps.map((each) => ({ label: each.name, icon: icon("pulse"), run: () => useMenu(each.name, message.channel_id, { message: message.id }) }))] : []),
    lasting && (mine || place(message.channel_id)?.may.manage) && { label: "Delete", icon: icon("trash"), danger: true, run: () => remove(message, spot) },
  ], "What to do with this message");
}

export async function remove(message, spot, sure = false) {
  if (sure) {
    await trying(() => act("delete", { channel: message.channel_id, message: message.id }));
    return;
  }
  menu(spot instanceof Element && !spot.isConnected ? document.querySelector(`[data-id="${message.id}"]`) : spot, [
    h("p", { class: "menu-title" }, "Delete this message for everybody?"),
    { label: "Delete it", icon: icon("trash"), danger: true, run: () => remove(message, spot, true) },
    { label: "Keep it", run: () => {} },
  ], "Delete this message?");
}

async function openThread(message) {
  const named = (message.content || message.attachments?.[0]?.filename || "Thread").slice(0, 60);
  const made = await trying(() => act("thread", { channel: message.channel_id, message: message.id, name: named }));
  if (made) emit("go", { channel: made.id });
}

export async function memberMenu(anchor, user, channel) {
  const apps = await commandsOf(channel, USER_MENU);
  const roles = (state.members.get(user.id)?.roles ?? []).map((each) => state.roles.get(each)?.name).filter(Boolean);
  const card = h("div", { class: "member" },
    h("div", { class: "member-head" }, avatar(user, "large"), h("div", {}, h("b", {}, name(user)), h("small", {}, user.bot ? "app" : `@${user.username}`))),
    roles.length ? h("div", { class: "roles" }, roles.map((each) => h("span", { class: "role" }, each))) : h("small", {}, "No roles"),
    apps.length ? h("div", { class: "menu-title" }, "Apps") : null,
    apps.map((each) => h("button", { type: "button", class: "menu-item", onclick: () => {
      opened.close();
      useMenu(each.name, channel, { person: user.id });
    } }, each.name, icon("pulse"))));
  const opened = popup(anchor, card, { label: `About ${name(user)}`, className: "member-card" });
  opened.box.focus();
}

