// Where one writes: text, files, voice notes, replies, commands.

import { act, upload } from "/page/static/api.js";
import { Commands } from "/page/static/commands.js";
import { h, icon, iconButton } from "/page/static/dom.js";
import { pickEmoji } from "/page/static/emoji.js";
import { pickSample } from "/page/static/samples.js";
import { mayWrite, name, place } from "/page/static/state.js";
import { sentence } from "/page/static/sentences.js";
import { toast } from "/page/static/toasts.js";
import { Tray } from "/page/static/tray.js";
import { Recorder } from "/page/static/voice.js";

const TYPING_EVERY = 8000;
const MOST_FILES = 10;

export class Composer {
  constructor(pane) {
    this.pane = pane;
    this.typed = 0;
    this.answers = null;
    this.ping = true;
    this.busy = false;
    this.tray = new Tray();
    this.above = h("div", { class: "reply-bar", hidden: true });
    this.input = h("textarea", { class: "write", rows: 1, enterkeyhint: "send", "aria-label": "Message", oninput: () => this.oninput(), onkeydown: (event) => this.onkey(event), onpaste: (event) => this.onpaste(event) });
    this.picker = h("input", { type: "file", multiple: true, hidden: true, class: "file-input", onchange: () => {
      this.attach(this.picker.files);
      this.picker.value = "";
    } });
    this.mic = iconButton("mic", "Record a voice note", () => this.recorder.start(), { class: "icon-button mic" });
    this.sendButton = iconButton("send", "Send", () => this.send(), { class: "icon-button send" });
    this.bar = h("div", { class: "bar" },
      iconButton("plus", "Attach files", () => this.picker.click()), this.picker,
      iconButton("flask", "Samples to try", (event) => pickSample(event.currentTarget, (file) => this.attach([file]))),
      this.input,
      iconButton("smile", "Emoji", (event) => pickEmoji(event.currentTarget, (emoji) => this.insert(emoji)), { class: "icon-button emoji-button" }), this.mic, this.sendButton);
    this.recorder = new Recorder(this);
    this.commands = new Commands(this);
    this.closed = h("div", { class: "closed", hidden: true }, icon("lock"), h("span", {}));
    this.box = h("div", { class: "composer-box" }, this.above, this.tray.element, this.bar, this.recorder.element);
    this.element = h("div", { class: "composer" }, this.commands.element, this.box, this.closed);
  }

  show(id, changed) {
    const channel = place(id);
    const open = mayWrite(channel);
    this.box.hidden = !open;
    this.closed.hidden = open;
    this.closed.lastChild.textContent = channel?.thread_metadata?.locked ? "This thread is locked." : "You may not write here.";
    const label = channel?.thread_metadata ? "Message this thread" : `Message ${this.pane.title()}`;
    this.input.placeholder = label;
    this.input.setAttribute("aria-label", label);
    if (!changed) return;
    this.stopReply();
    this.tray.clear();
    this.commands.stop();
    this.recorder.cancel();
    this.input.value = sessionStorage.getItem(`draft:${id}`) ?? "";
    this.fit();
  }

  keepDraft() {
    if (!this.pane.channel) return;
    if (this.input.value) sessionStorage.setItem(`draft:${this.pane.channel}`, this.input.value);
    else sessionStorage.removeItem(`draft:${this.pane.channel}`);
  }

  focus() {
    this.input.focus();
  }

  attach(files) {
    const most = place(this.pane.channel)?.upload_bytes ?? 0;
    for (const file of files) {
      if (file.size > most) toast(sentence("too-big", { most }));
      else if (this.tray.count >= MOST_FILES) toast(sentence("too-many-files", { most: MOST_FILES }));
      else this.tray.add(file);
    }
    this.fit();
    this.focus();
  }

  reply(message) {
    this.answers = message;
    this.ping = true;
    const at = h("button", { type: "button", class: "plain ping", "aria-pressed": "true", title: "Whether this notifies them", onclick: () => {
      this.ping = !this.ping;
      at.setAttribute("aria-pressed", String(this.ping));
      at.textContent = this.ping ? "@ on" : "@ off";
    } }, "@ on");
    this.above.replaceChildren(icon("reply"), h("span", {}, "Replying to ", h("b", {}, name(message.author))), at, iconButton("close", "Stop replying", () => this.stopReply()));
    this.above.hidden = false;
    this.focus();
  }

  stopReply() {
    this.answers = null;
    this.above.hidden = true;
  }

  insert(text) {
    this.input.setRangeText(text, this.input.selectionStart, this.input.selectionEnd, "end");
    this.oninput();
    this.focus();
  }

  fit() {
    this.input.style.setProperty("height", "auto");
    this.input.style.setProperty("height", `${Math.min(this.input.scrollHeight, 220)}px`);
    this.box.classList.toggle("filled", Boolean(this.input.value.trim() || this.tray.count));
  }

  oninput() {
    this.fit();
    this.keepDraft();
    this.commands.typed(this.input.value);
    if (this.input.value && !this.input.value.startsWith("/") && Date.now() - this.typed > TYPING_EVERY) {
      this.typed = Date.now();
      act("type", { channel: this.pane.channel }).catch(() => {});
    }
  }

  onkey(event) {
    if (event.isComposing) return;
    if (this.commands.key(event)) event.preventDefault();
    else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Escape" && this.answers) this.stopReply();
    else if (event.key === "ArrowUp" && !this.input.value) {
      event.preventDefault();
      this.pane.editLast();
    }
  }

  onpaste(event) {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    this.attach(event.clipboardData.files);
  }

  /** Send what is there. It stays there until the server has it. */
  async send() {
    const content = this.input.value.trim();
    if (this.busy || (!content && !this.tray.count)) return;
    await this.sending(async () => {
      const body = { channel: this.pane.channel, content, about: this.tray.about(), ...this.reference() };
      await upload("post", body, this.tray.files().map((file) => ["files", file]), (share) => this.tray.progress(share));
      this.input.value = "";
      this.tray.clear();
    });
  }

  async sendVoice(blob, seconds, waveform) {
    await this.sending(() => upload("voice", { channel: this.pane.channel, seconds, waveform, ...this.reference() }, [["files", blob, "voice.webm"]]));
  }

  async sending(doing) {
    this.busy = true;
    this.box.setAttribute("aria-busy", "true");
    try {
      await doing();
      this.stopReply();
    } catch (error) {
      toast(error.message);
    } finally {
      this.busy = false;
      this.typed = 0;
      this.box.removeAttribute("aria-busy");
      this.tray.progress(null);
      this.fit();
      this.keepDraft();
    }
  }

  reference() {
    return this.answers ? { reply_to: this.answers.id, ping: this.ping } : {};
  }
}
