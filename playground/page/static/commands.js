// The picker of slash commands, and the line in which a command's options are filled in.

import { act, upload } from "/page/static/api.js";
import { h, icon, iconButton } from "/page/static/dom.js";
import { commandsOf } from "/page/static/menus.js";
import { answering } from "/page/static/interacting.js";
import { optionField } from "/page/static/options.js";
import { toast } from "/page/static/toasts.js";

const SLASH = 1;
const GROUPS = [1, 2];

/** Return every command that can be invoked, subcommands by their whole path. */
export function paths(commands) {
  const flat = (level, path, description) => {
    const below = (level.options ?? []).filter((each) => GROUPS.includes(each.type));
    if (below.length) return below.flatMap((each) => flat(each, `${path} ${each.name}`, each.description));
    return [{ path, description, options: level.options ?? [] }];
  };
  return commands.flatMap((each) => flat(each, each.name, each.description));
}

export class Commands {
  constructor(composer) {
    this.composer = composer;
    this.found = [];
    this.at = 0;
    this.known = null;
    this.list = h("div", { class: "picker", role: "listbox", id: `picker-${composer.pane.kind}`, "aria-label": "Commands", hidden: true });
    this.line = h("form", { class: "command-line", hidden: true, onsubmit: (event) => {
      event.preventDefault();
      this.run();
    }, onkeydown: (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.preventDefault();
      this.stop();
      this.composer.focus();
    } });
    this.element = h("div", {}, this.list, this.line);
  }

  async typed(text) {
    if (!text.startsWith("/") || text.includes("\n")) {
      this.known = null;
      this.hide();
      return;
    }
    this.known ??= commandsOf(this.composer.pane.channel, SLASH).then(paths);
    const all = await this.known;
    if (this.composer.input.value !== text) return;
    const wanted = text.slice(1).toLowerCase().trimEnd();
    const rank = (each) => (each.path.startsWith(wanted) ? 0 : each.path.includes(wanted) ? 1 : 2);
    this.found = all.filter((each) => rank(each) < 2).sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path));
    this.at = 0;
    this.draw(all.length);
  }

  draw(total) {
    const rows = this.found.map((each, number) => h("div", {
      role: "option", id: `${this.list.id}-${number}`, class: "pick", "aria-selected": String(number === this.at), onclick: () => this.choose(each),
    }, h("span", { class: "pick-name" }, icon("slash"), h("b", {}, each.path), each.options.filter((option) => option.required).map((option) => h("code", {}, option.name))), h("small", {}, each.description)));
    const note = total === 0 ? "The bot has not told its commands yet. Is it still starting?" : "No command begins like this.";
    this.list.replaceChildren(...(rows.length ? rows : [h("p", { class: "note" }, note)]));
    this.list.hidden = false;
    rows[this.at]?.scrollIntoView({ block: "nearest" });
    this.composer.input.setAttribute("aria-controls", this.list.id);
    if (rows.length) this.composer.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.at}`);
  }

  hide() {
    this.list.hidden = true;
    this.composer.input.removeAttribute("aria-activedescendant");
  }

  /** Take a key of the text box; true when it was for the picker. */
  key(event) {
    if (this.list.hidden) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.found.length) {
      this.at = (this.at + step + this.found.length) % this.found.length;
      this.draw(this.found.length);
      return true;
    }
    if (["Enter", "Tab"].includes(event.key) && this.found.length) {
      this.choose(this.found[this.at]);
      return true;
    }
    if (event.key === "Escape") {
      this.hide();
      return true;
    }
    return false;
  }

  choose(command) {
    this.hide();
    this.command = command;
    this.composer.input.value = "";
    this.composer.fit();
    this.composer.keepDraft();
    this.fields = [];
    if (!command.options.length) {
      this.run();
      return;
    }
    const fields = h("div", { class: "command-fields" });
    const optional = h("div", { class: "command-optional" });
    const add = (option, focus) => {
      const field = optionField(option, (focused) => this.proposals(focused));
      this.fields.push(field);
      fields.append(field.element);
      if (focus) field.focus();
    };
    for (const option of command.options) {
      if (option.required) add(option, false);
      else {
        const more = h("button", { type: "button", class: "chip", title: option.description, onclick: () => {
          more.remove();
          add(option, true);
        } }, `+ ${option.name}`);
        optional.append(more);
      }
    }
    this.submit = h("button", { type: "submit", class: "button primary" }, "Use");
    this.line.replaceChildren(
      h("div", { class: "command-head" }, icon("slash"), h("b", {}, command.path), h("small", {}, command.description), iconButton("close", "Leave the command", () => {
        this.stop();
        this.composer.focus();
      })),
      fields, h("div", { class: "command-foot" }, optional, this.submit));
    this.line.hidden = false;
    this.composer.box.hidden = true;
    (this.fields[0] ?? this.submit).focus();
  }

  values() {
    return Object.fromEntries(this.fields.filter((each) => !each.file && each.value() !== null).map((each) => [each.name, each.value()]));
  }

  /** Return what the bot proposes for an option while one types. */
  async proposals(focused) {
    const options = { ...this.values(), [focused.name]: focused.value() ?? "" };
    try {
      return (await act("autocomplete", { channel: this.composer.pane.channel, name: this.command.path, focused: focused.name, options })).choices;
    } catch {
      return [];
    }
  }

  async run() {
    const missing = this.fields.find((each) => each.problem());
    if (missing) {
      toast(missing.problem());
      missing.focus();
      return;
    }
    const body = { channel: this.composer.pane.channel, name: this.command.path, options: this.values() };
    const files = this.fields.filter((each) => each.file?.()).map((each) => [each.name, each.file()]);
    const done = await answering(this.line, () => (files.length ? upload("invoke", body, files) : act("invoke", body)));
    if (!done) return;
    this.stop();
    if (!document.querySelector("dialog[open]")) this.composer.focus();
  }

  stop() {
    this.hide();
    this.line.hidden = true;
    this.line.replaceChildren();
    this.known = null;
    this.composer.box.hidden = false;
  }
}
