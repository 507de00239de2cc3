// Channels, threads, and who one is.

import { avatar } from "/page/static/avatar.js";
import { clear, h, icon, iconButton } from "/page/static/dom.js";
import { menu } from "/page/static/popup.js";
import { emit, isUnread, name, on, state, threadsOf } from "/page/static/state.js";
import { nextTheme, themeIcon } from "/page/static/theme.js";

const THREADS_SHOWN = 5;
const ICONS = { 1: "at", 2: "mic", 15: "thread" };

export class Sidebar {
  constructor(element) {
    this.element = element;
    this.open = { channel: null, thread: null };
    for (const event of ["ready", "places", "read", "messages"]) on(event, (change) => (event !== "messages" || change?.created) && this.draw());
    element.addEventListener("keydown", (event) => this.key(event));
  }

  select(channel, thread) {
    this.open = { channel, thread };
    this.draw();
  }

  draw() {
    if (!state.ready) return;
    const focused = this.element.contains(document.activeElement) ? document.activeElement.dataset.go : null;
    const direct = [...state.channels.values()].find((each) => each.type === 1);
    clear(this.element,
      h("div", { class: "brand" }, h("img", { src: "/page/static/mark.svg", alt: "", width: 30, height: 30 }), h("div", {}, h("b", {}, state.guilds[0]?.name ?? "No server"), h("small", {}, "Isthmus playground"))),
      h("div", { class: "channels" },
        state.guilds.map((guild) => h("section", { "aria-label": guild.name },
          state.guilds.length > 1 ? h("h2", {}, guild.name) : h("h2", {}, "Channels"),
          h("ul", {}, [...guild.channels].sort((a, b) => a.position - b.position).filter((each) => each.type !== 4).map((each) => this.entry(each))))),
        direct ? h("section", { "aria-label": "Direct messages" }, h("h2", {}, "Direct messages"), h("ul", {}, this.entry(direct))) : null),
      this.foot());
    if (focused) this.element.querySelector(`[data-go="${focused}"]`)?.focus();
  }

  entry(channel) {
    const threads = threadsOf(channel.id);
    const shown = threads.filter((each, number) => (!each.thread_metadata.archived && number < THREADS_SHOWN) || each.id === this.open.thread);
    return h("li", {}, this.link(channel, ICONS[channel.type] ?? (channel.may.send ? "hash" : "lock"), this.open.channel === channel.id, false),
      shown.length ? h("ul", { class: "threads" }, shown.map((each) => h("li", {}, this.link(each, null, this.open.thread === each.id, true)))) : null);
  }

  link(channel, drawn, current, isThread) {
    const unread = isUnread(channel.id) && !current;
    return h("button", {
      type: "button", class: ["entry", current ? "current" : "", unread ? "unread" : "", isThread ? "thread" : ""].filter(Boolean).join(" "), "aria-current": current ? "page" : null, dataset: { go: channel.id }, title: channel.name,
      onclick: () => emit("go", { channel: channel.id }),
    }, drawn ? icon(drawn) : null, h("span", { class: "entry-name" }, channel.name), unread ? h("span", { class: "dot" }, h("span", { class: "visually-hidden" }, "unread")) : null);
  }

  foot() {
    const me = h("button", { type: "button", class: "me", "aria-label": `You are ${name(state.me)}. Be somebody else.`, onclick: () => this.others(me) },
      avatar(state.me), h("span", {}, h("b", {}, name(state.me)), h("small", {}, (state.members.get(state.me.id)?.roles ?? []).map((each) => state.roles.get(each)?.name).join(", ") || "Member")), icon("people"));
    const theme = iconButton(themeIcon(), "Change between dark and light", () => {
      nextTheme();
      theme.replaceChildren(icon(themeIcon()));
    });
    return h("div", { class: "foot" }, me, theme);
  }

  others(anchor) {
    const address = (user) => `${location.pathname}?user=${user.username}`;
    menu(anchor, [
      h("p", { class: "menu-title" }, "Be somebody else"),
      ...state.people.filter((each) => each.id !== state.me.id).flatMap((each) => [
        { label: `${name(each)}, in a new tab`, icon: avatar(each, "tiny"), run: () => window.open(address(each), "_blank") },
        { label: `${name(each)}, in this tab`, icon: avatar(each, "tiny"), run: () => location.assign(address(each)) },
      ]),
    ], "Be somebody else");
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const entries = [...this.element.querySelectorAll(".entry")];
    const at = entries.indexOf(document.activeElement);
    if (!step || at < 0) return;
    event.preventDefault();
    entries[(at + step + entries.length) % entries.length].focus();
  }
}
