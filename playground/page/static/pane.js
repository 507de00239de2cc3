// One conversation: a channel, or a thread beside it.

import { act } from "/page/static/api.js";
import { Composer } from "/page/static/composer.js";
import { h } from "/page/static/dom.js";
import { Messages } from "/page/static/messages.js";
import { dots } from "/page/static/message.js";
import { markRead, mayWrite, messagesOf, name, on, place, state } from "/page/static/state.js";
import { trying } from "/page/static/toasts.js";

export class Pane {
  constructor({ head, kind }) {
    this.kind = kind;
    this.channel = null;
    this.stops = [];
    this.list = new Messages(this);
    this.composer = new Composer(this);
    this.head = h("header", { class: "pane-head" });
    this.typing = h("div", { class: "typing", "aria-live": "polite" });
    this.buildHead = head;
    this.drop = h("div", { class: "drop-here", "aria-hidden": "true" });
    this.element = h("section", { class: `pane ${kind}`, "aria-label": kind === "thread" ? "Thread" : "Channel" }, this.head, this.list.element, this.composer.element, this.typing, this.drop);
    this.listen();
  }

  /** Show a channel or thread; `message` is scrolled to when it is there. */
  show(id, message = null) {
    const changed = this.channel !== id;
    if (changed) {
      this.composer.keepDraft();
      this.channel = id;
    }
    this.drawHead();
    this.list.show(id, message, changed);
    this.composer.show(id, changed);
    this.drawTyping();
  }

  listen() {
    const mine = (channel) => channel === this.channel && this.element.isConnected;
    this.stops = [
      on("messages", (change) => mine(change.channel) && this.list.changed(change)),
      on("read", (channel) => this.list.holds(channel) && this.list.changed({ only: channel })),
      on("typing", (channel) => mine(channel) && this.drawTyping()),
      on("places", () => {
        if (!this.channel || !this.element.isConnected) return;
        if (!place(this.channel)) return;
        this.drawHead();
        this.composer.show(this.channel, false);
      }),
    ];
    this.element.addEventListener("dragover", (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      this.drop.textContent = mayWrite(place(this.channel)) ? `Drop to attach in ${this.title()}` : "You may not write here";
      this.element.classList.add("dropping");
    });
    this.element.addEventListener("dragleave", (event) => !this.element.contains(event.relatedTarget) && this.element.classList.remove("dropping"));
    this.element.addEventListener("drop", (event) => {
      this.element.classList.remove("dropping");
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      this.composer.attach(event.dataTransfer.files);
    });
  }

  close() {
    this.composer.keepDraft();
    for (const stop of this.stops) stop();
    this.element.remove();
  }

  title() {
    const channel = place(this.channel);
    return channel?.type === 1 ? `@${channel.name}` : `#${channel?.name ?? ""}`;
  }

  drawHead() {
    const channel = place(this.channel);
    if (channel) this.head.replaceChildren(...this.buildHead(channel).filter(Boolean));
  }

  drawTyping() {
    const names = [...(state.typing.get(this.channel)?.keys() ?? [])].map((id) => name(state.users.get(id)));
    const text = names.length > 3 ? "Several people are typing…" : names.length ? `${names.join(", ")} ${names.length > 1 ? "are" : "is"} typing…` : "";
    this.typing.replaceChildren(...(text ? [dots(), text] : []));
  }

  reply(message) {
    this.composer.reply(message);
  }

  /** Edit a message in its place. */
  edit(message) {
    this.list.edit(message, async (content) => {
      if (content === message.content) return true;
      return (await trying(() => act("edit", { channel: message.channel_id, message: message.id, content }))) !== null;
    });
  }

  editLast() {
    const last = messagesOf(this.channel).filter((each) => each.author.id === state.me.id && each.content).at(-1);
    if (last) this.edit(last);
  }

  /** Hide a message that only this person sees. */
  dismiss(id) {
    state.messages.get(this.channel)?.delete(id);
    this.list.changed({ channel: this.channel });
  }

  seen() {
    if (document.visibilityState === "visible") markRead(this.channel);
  }
}

