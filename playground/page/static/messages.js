// The list of messages of a pane: what changed is drawn anew, the rest stays as it is.

import { h } from "/page/static/dom.js";
import { continues, dayOf, messageElement } from "/page/static/message.js";
import { messageMenu } from "/page/static/menus.js";
import { welcome } from "/page/static/welcome.js";
import { messagesOf, older, place, state } from "/page/static/state.js";
import { ask } from "/page/static/socket.js";

const NEAR_BOTTOM = 120;
const NEAR_TOP = 400;
const OLDER = 100;

export class Messages {
  constructor(pane) {
    this.pane = pane;
    this.drawn = new Map();
    this.goal = null;
    this.asked = null;
    this.newFrom = null;
    this.editing = null;
    this.rows = h("div", { class: "rows" });
    this.box = h("div", { class: "list", role: "log", "aria-label": "Messages", "aria-live": "off", tabindex: "0" }, this.rows);
    this.down = h("button", { type: "button", class: "to-bottom", hidden: true, onclick: () => this.toBottom(true) }, "Newest messages ↓");
    this.element = h("div", { class: "list-frame" }, this.box, this.down);
    this.stuck = true;
    this.box.addEventListener("scroll", () => this.scrolled());
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("focus", () => this.drawnLast()?.focus({ preventScroll: false }));
    new ResizeObserver(() => this.stuck && this.toBottom()).observe(this.rows);
    new ResizeObserver(() => this.stuck && this.toBottom()).observe(this.box);
  }

  show(id, message, changed) {
    if (changed) {
      this.drawn.clear();
      this.rows.replaceChildren();
      this.stuck = true;
      this.editing = null;
      this.newFrom = state.read[id] ?? null;
      this.box.setAttribute("aria-live", "off");
      this.asked = null;
    }
    this.goal = message ?? this.goal;
    if (!state.messages.has(id)) ask(id);
    else this.draw();
  }

  changed({ created, history, only }) {
    if (created && created.author.id === state.me.id) this.stuck = true;
    if (only && this.drawn.has(only)) this.drawn.get(only).message = null;
    if (history) this.asked = null;
    this.draw();
    if (created) this.box.setAttribute("aria-live", "polite");
  }

  holds(message) {
    return this.drawn.has(message);
  }

  /** Bring the rows up to date: an element is kept as long as its message and its place stay the same. */
  draw() {
    const channel = this.pane.channel;
    const messages = messagesOf(channel);
    const height = this.box.scrollHeight;
    const top = this.box.scrollTop;
    const focused = this.focusedPart();
    const wanted = [];
    if (state.messages.has(channel) && !state.more.get(channel)) wanted.push(this.beginning(channel));
    let before = null;
    for (const message of messages) {
      const newDay = !before || dayOf(before) !== dayOf(message);
      const isNew = this.newFrom && before && older(before.id, this.newFrom) <= 0 && older(message.id, this.newFrom) > 0 && message.author.id !== state.me.id;
      if (newDay) wanted.push(this.line(`day-${message.id}`, "day", dayOf(message)));
      if (isNew) wanted.push(this.line(`new-${message.id}`, "new", "New"));
      wanted.push(this.row(message, !newDay && !isNew && continues(message, before)));
      before = message;
    }
    this.put(wanted);
    const ids = new Set(messages.map((each) => each.id));
    for (const id of this.drawn.keys()) if (!ids.has(id)) this.drawn.delete(id);
    if (this.goal && ids.has(this.goal)) this.reach();
    else if (this.stuck) this.toBottom();
    else if (this.box.scrollTop === top && top < NEAR_TOP) this.box.scrollTop = top + this.box.scrollHeight - height;
    focused?.();
    this.look();
  }

  put(wanted) {
    const staying = new Set(wanted);
    for (const each of [...this.rows.children]) if (!staying.has(each)) each.remove();
    let at = this.rows.firstChild;
    for (const each of wanted) {
      if (each === at) at = at.nextSibling;
      else this.rows.insertBefore(each, at);
    }
  }

  row(message, compact) {
    const held = this.drawn.get(message.id);
    if (held && held.message === message && held.compact === compact) return held.element;
    if (this.editing === message.id && held) return held.element;
    const media = held?.media ?? new Map();
    const used = new Map();
    const keep = (key, build) => {
      const element = media.get(key) ?? build();
      used.set(key, element);
      return element;
    };
    const element = messageElement(message, { compact, keep, pane: this.pane });
    const shown = held?.element.querySelectorAll(".spoiler");
    if (shown) [...element.querySelectorAll(".spoiler")].forEach((each, number) => shown[number]?.classList.contains("shown") && each.click());
    this.drawn.set(message.id, { message, compact, element, media: used });
    return element;
  }

  line(key, kind, text) {
    const held = [...this.rows.children].find((each) => each.dataset.key === key);
    return held ?? h("div", { class: `line ${kind}`, role: "separator", dataset: { key }, "aria-label": kind === "new" ? "New messages" : text }, h("span", {}, text));
  }

  beginning(channel) {
    const held = this.rows.querySelector(":scope > .welcome");
    return held ?? welcome(place(channel), this.pane);
  }

  /** Return what gives the focus back to the same button after its message was drawn anew. */
  focusedPart() {
    const focused = document.activeElement;
    const row = this.rows.contains(focused) ? focused.closest("[data-id]") : null;
    if (!row) return null;
    const custom = focused.dataset?.custom;
    return () => {
      if (focused.isConnected) return;
      const again = this.drawn.get(row.dataset.id)?.element;
      (again?.querySelector(`[data-custom="${CSS.escape(custom ?? "")}"]`) ?? again)?.focus({ preventScroll: true });
    };
  }

  reach() {
    const found = this.drawn.get(this.goal)?.element;
    this.goal = null;
    this.stuck = false;
    found?.scrollIntoView({ block: "center" });
    found?.classList.add("found");
    setTimeout(() => found?.classList.remove("found"), 2500);
  }

  scrolled() {
    const left = this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight;
    this.stuck = left < NEAR_BOTTOM;
    this.down.hidden = this.stuck;
    this.look();
  }

  look() {
    const channel = this.pane.channel;
    if (this.stuck) this.pane.seen();
    const first = messagesOf(channel)[0]?.id;
    if (this.box.scrollTop < NEAR_TOP && first && state.more.get(channel) && this.asked !== first) {
      this.asked = first;
      ask(channel, first, OLDER);
    }
  }

  toBottom(forget = false) {
    this.stuck = true;
    if (forget) this.newFrom = null;
    this.box.scrollTop = this.box.scrollHeight;
  }

  drawnLast() {
    return [...this.rows.querySelectorAll(".message")].at(-1);
  }

  key(event) {
    const row = event.target.closest?.(".message");
    if (!row || event.target !== row) return;
    const rows = [...this.rows.querySelectorAll(".message")];
    const message = this.drawn.get(row.dataset.id)?.message;
    const to = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (to) rows[rows.indexOf(row) + to]?.focus();
    else if (event.key === "Enter" || event.key === "ContextMenu") messageMenu({ type: "key", target: row, currentTarget: row, preventDefault() {} }, message, this.pane);
    else if (event.key === "r") this.pane.reply(message);
    else if (event.key === "e" && message.author.id === state.me.id) this.pane.edit(message);
    else if (event.key === "Escape") this.pane.composer.focus();
    else return;
    event.preventDefault();
  }

  /** Put a text box where a message's text is; `save` returns whether it went through. */
  edit(message, save) {
    const held = this.drawn.get(message.id);
    if (!held || this.editing) return;
    this.editing = message.id;
    const body = held.element.querySelector(".body");
    const input = h("textarea", { class: "field", rows: Math.min(8, message.content.split("\n").length + 1), "aria-label": "Edit your message", value: message.content });
    const end = (focus = true) => {
      this.editing = null;
      held.message = null;
      this.draw();
      if (focus) this.pane.composer.focus();
    };
    input.addEventListener("keydown", async (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        end();
      } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        if (await save(input.value)) end();
      }
    });
    const box = h("div", {}, input, h("small", { class: "note" }, "Enter saves, Escape leaves it as it was"));
    const text = body.querySelector(":scope > .text");
    const head = body.querySelector(":scope > .message-head");
    if (text) text.replaceWith(box);
    else if (head) head.after(box);
    else body.prepend(box);
    input.focus();
    input.setSelectionRange(input.value.length, input.value.length);
  }
}
