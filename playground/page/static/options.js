// Options of slash commands as fields: {element, name, value() or file(), problem(), focus()}.

import { size } from "/page/static/attachments.js";
import { choicesOf, chooser } from "/page/static/choosing.js";
import { h } from "/page/static/dom.js";

const [INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT] = [4, 5, 6, 7, 8, 9, 10, 11];
const ENTITY = { [USER]: "user", [CHANNEL]: "channel", [ROLE]: "role", [MENTIONABLE]: "mentionable" };
const PAUSE = 200;
let count = 0;

export function optionField(option, proposals) {
  const id = `option-${(count += 1)}`;
  const built = { name: option.name, ...build(option, id, proposals) };
  built.problem ??= () => (option.required && built.value() === null ? `The command needs “${option.name}”.` : "");
  built.element = h("div", { class: "option" }, h("label", { for: id }, option.name, option.required ? h("span", { class: "required", "aria-hidden": "true" }, " *") : null), built.control, h("small", { id: `${id}-hint` }, option.description));
  return built;
}

function build(option, id, proposals) {
  if (option.choices?.length) return choosing(id, option, option.choices.map((each) => ({ value: each.value, label: each.name })));
  if (option.type === BOOLEAN) return choosing(id, option, [{ value: true, label: "Yes" }, { value: false, label: "No" }]);
  if (ENTITY[option.type]) return choosing(id, option, choicesOf(ENTITY[option.type], option.channel_types));
  if (option.type === ATTACHMENT) return attaching(id, option);
  return typing(id, option, proposals);
}

function choosing(id, option, options) {
  const control = chooser({ id, label: option.name, least: option.required ? 1 : 0, options: options.map((each) => ({ ...each, value: String(each.value), real: each.value })) });
  const value = () => {
    const [chosen] = control.values();
    return chosen === undefined ? null : (options.find((each) => String(each.value) === chosen)?.value ?? chosen);
  };
  return { control, value, focus: () => control.focus() };
}

function attaching(id, option) {
  const note = h("small", { class: "note" });
  const input = h("input", { id, type: "file", onchange: () => (note.textContent = input.files[0] ? size(input.files[0].size) : "") });
  const file = () => input.files[0] ?? null;
  return {
    control: h("div", { class: "drop" }, input, note), file, focus: () => input.focus(), value: file,
    problem: () => (option.required && !file() ? `The command needs a file for “${option.name}”.` : ""),
  };
}

function typing(id, option, proposals) {
  const number = [INTEGER, NUMBER].includes(option.type);
  const input = h("input", {
    id, class: "field", type: number ? "number" : "text", step: option.type === INTEGER ? 1 : "any", min: option.min_value, max: option.max_value, maxlength: option.max_length, autocomplete: "off", "aria-describedby": `${id}-hint`,
  });
  let chosen = null;
  const value = () => {
    if (input.value === "") return null;
    if (chosen?.name === input.value) return chosen.value;
    return number ? Number(input.value) : input.value;
  };
  const field = { name: option.name, value, focus: () => input.focus() };
  const list = option.autocomplete ? completing(input, id, () => proposals(field), (each) => {
    chosen = each;
    input.value = each.name;
  }) : null;
  field.control = h("div", { class: "typing-field" }, input, list);
  field.problem = () => {
    if (option.required && value() === null) return `The command needs “${option.name}”.`;
    if (!input.checkValidity()) return `“${option.name}” does not fit: ${input.validationMessage}`;
    return option.min_length && value() !== null && input.value.length < option.min_length ? `“${option.name}” needs at least ${option.min_length} characters.` : "";
  };
  return field;
}

/** Let the bot propose values below a text box. */
function completing(input, id, ask, onpick) {
  const list = h("div", { class: "choices completions", role: "listbox", id: `${id}-list`, hidden: true });
  let timer = null;
  let asked = 0;
  let at = -1;
  const pick = (each) => {
    onpick(each);
    list.hidden = true;
  };
  const mark = () => [...list.children].forEach((each, number) => each.setAttribute("aria-selected", String(number === at)));
  const refresh = () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const number = (asked += 1);
      const found = await ask();
      if (number !== asked || document.activeElement !== input) return;
      at = -1;
      list.replaceChildren(...found.map((each) => h("div", { class: "choice", role: "option", onpointerdown: (event) => {
        event.preventDefault();
        pick(each);
      } }, each.name)));
      list.hidden = !found.length;
      list.choices = found;
    }, PAUSE);
  };
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-controls", list.id);
  input.addEventListener("input", refresh);
  input.addEventListener("focus", refresh);
  input.addEventListener("blur", () => (list.hidden = true));
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) at = (at + step + list.children.length) % list.children.length;
    else if (event.key === "Enter" && at >= 0) pick(list.choices[at]);
    else if (event.key === "Escape") list.hidden = true;
    else return;
    event.preventDefault();
    mark();
  });
  return list;
}

