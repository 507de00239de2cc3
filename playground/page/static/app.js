// Puts the page together: who is where, what is open.

import { h, icon, iconButton } from "/page/static/dom.js";
import { Pane } from "/page/static/pane.js";
import { Panel } from "/page/static/panel.js";
import { Sidebar } from "/page/static/sidebar.js";
import { connect } from "/page/static/socket.js";
import { sentence } from "/page/static/sentences.js";
import { emit, isThread, isUnread, name, on, place, state } from "/page/static/state.js";
import { applyTheme } from "/page/static/theme.js";
import { toast } from "/page/static/toasts.js";

applyTheme();
const [app, side, shade, offline] = ["app", "side", "shade", "offline"].map((id) => document.getElementById(id));
const sidebar = new Sidebar(document.getElementById("sidebar"));
const status = h("button", { type: "button", class: "status", onclick: togglePanel });
let panel = null;
let thread = null;
const main = new Pane({ kind: "channel", head: channelHead });
document.getElementById("main").append(main.element);

function channelHead(channel) {
  return [
    iconButton("menu", "Channels", () => drawer(true), { class: "icon-button only-phone" }),
    icon(channel.type === 1 ? "at" : "hash"), h("h1", {}, channel.name), channel.topic ? h("p", { class: "topic", title: channel.topic }, channel.topic) : null,
    h("span", { class: "spring" }), status, iconButton("pulse", "What happened", togglePanel, { class: panel ? "icon-button pressed" : "icon-button", "aria-pressed": String(Boolean(panel)) }),
  ];
}

function threadHead(channel) {
  const parent = state.channels.get(channel.parent_id);
  return [
    icon("thread"), h("h2", {}, channel.name), parent ? h("span", { class: "topic" }, `#${parent.name}`) : null, h("span", { class: "spring" }),
    channel.thread_metadata.archived ? h("span", { class: "tag" }, "archived") : null, channel.thread_metadata.locked ? icon("lock") : null,
    iconButton("close", "Close the thread", () => go({ channel: channel.parent_id })),
  ];
}

/** Go to a channel, or open a thread beside its channel. */
function go({ channel, message }) {
  const target = place(channel);
  if (!target) {
    toast(sentence("channel-gone"));
    return;
  }
  const parent = isThread(target) ? target.parent_id : channel;
  main.show(parent, isThread(target) ? null : message);
  if (isThread(target)) openThread(channel, message);
  else closeThread();
  sidebar.select(parent, thread?.channel ?? null);
  drawer(false);
  history.replaceState(null, "", `${location.pathname}${location.search}#${channel}`);
  title();
  if (matchMedia("(min-width: 701px)").matches) (thread ?? main).composer.focus();
}

function openThread(channel, message) {
  if (panel) closePanel();
  if (!thread) {
    thread = new Pane({ kind: "thread", head: threadHead });
    side.replaceChildren(thread.element);
  }
  side.hidden = false;
  thread.show(channel, message);
}

function closeThread() {
  thread?.close();
  thread = null;
  side.hidden = !panel;
}

function togglePanel() {
  if (panel) {
    closePanel();
    return;
  }
  const held = thread;
  closeThread();
  if (held) sidebar.select(main.channel, null);
  panel = new Panel(closePanel);
  side.replaceChildren(panel.element);
  side.hidden = false;
  main.drawHead();
}

function closePanel() {
  panel?.close();
  panel = null;
  side.hidden = !thread;
  main.drawHead();
}

function drawer(open) {
  app.classList.toggle("drawer", open);
  shade.hidden = !open;
  if (open) document.querySelector(".entry.current")?.focus();
}

function title() {
  const unread = [...state.channels.keys(), ...state.threads.keys()].filter((each) => isUnread(each)).length;
  document.title = `${unread ? `(${unread}) ` : ""}${main.title()} · Isthmus playground`;
}

on("go", go);
on("ready", () => {
  const wanted = location.hash.slice(1);
  const first = state.guilds[0]?.channels.find((each) => [0, 5].includes(each.type))?.id;
  const target = place(wanted) ? wanted : (thread && place(thread.channel) ? thread.channel : (place(main.channel) ? main.channel : first));
  if (target) go({ channel: target });
});
on("places", () => {
  if (thread && !place(thread.channel)) go({ channel: main.channel });
  if (main.channel && !place(main.channel)) emit("ready");
});
on("status", () => {
  const { bot, models, installing } = state.status;
  status.hidden = !bot;
  status.dataset.state = bot ?? "";
  status.title = [models, installing].filter(Boolean).join("\n");
  status.replaceChildren(h("i", { "aria-hidden": "true" }), h("span", {}, { ready: `${name(state.app)} is here`, starting: `${name(state.app)} is starting`, down: `${name(state.app)} is away` }[bot] ?? ""), installing ? h("small", {}, `local models: ${installing}`) : models ? h("small", {}, models.split(/[:;,.] /)[0]) : "");
});
on("connection", ({ open, unknown }) => {
  offline.hidden = open;
  offline.textContent = unknown ? sentence("person-gone") : "The server does not answer. Trying to come back…";
});
for (const event of ["read", "messages"]) on(event, () => state.ready && title());

shade.addEventListener("click", () => drawer(false));
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && [main, thread].forEach((each) => each?.list.look()));
addEventListener("beforeunload", () => [main, thread].forEach((each) => each?.composer.keepDraft()));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => event.preventDefault());
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (app.classList.contains("drawer")) drawer(false);
  else if (panel) closePanel();
  else if (thread && side.contains(document.activeElement) && !document.activeElement.value) go({ channel: main.channel });
});
connect();
