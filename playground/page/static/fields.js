// Fields of forms: {element, name, value() or files(), problem(), focus()}.

import { size } from "/page/static/attachments.js";
import { choicesOf, chooser } from "/page/static/choosing.js";
import { h, iconButton } from "/page/static/dom.js";

const ENTITY = { 5: "user", 6: "role", 7: "mentionable", 8: "channel" };
const BUILDERS = { 3: select, 4: text, 5: select, 6: select, 7: select, 8: select, 19: files, 21: radios, 22: ticks, 23: tick };
let count = 0;

export const isField = (component) => Boolean(BUILDERS[component?.type]);

/** Return a field of a form with its label. */
export function field(component, { label, description }) {
  const id = `field-${(count += 1)}`;
  const required = component.required !== false && component.type !== 23;
  const built = { name: component.custom_id, problem: () => "", ...BUILDERS[component.type](component, { id, label, required }) };
  const grouped = [21, 22, 23].includes(component.type);
  const hint = description ? h("small", { id: `${id}-hint` }, description) : null;
  const mark = required ? h("span", { class: "required", "aria-hidden": "true" }, " *") : null;
  built.element = grouped
    ? h("fieldset", { class: "form-field", "aria-describedby": hint ? `${id}-hint` : null }, h("legend", {}, label, mark), hint, built.control)
    : h("div", { class: "form-field" }, h("label", { for: id }, label, mark), hint, built.control);
  return built;
}

function text(component, { id, label, required }) {
  const long = component.style === 2;
  const input = h(long ? "textarea" : "input", {
    id, class: "field", rows: long ? 4 : null, maxlength: component.max_length ?? 4000, placeholder: component.placeholder, value: component.value ?? "", "aria-required": String(required),
  });
  const shortest = component.min_length ?? 0;
  return {
    control: input, value: () => input.value, focus: () => input.focus(),
    problem() {
      if (required && !input.value.trim()) return `Please fill in “${label}”.`;
      return input.value && input.value.length < shortest ? `“${label}” needs at least ${shortest} characters.` : "";
    },
  };
}

function select(component, { id, label, required }) {
  const options = component.type === 3 ? component.options : choicesOf(ENTITY[component.type], component.channel_types);
  const chosen = [...options.filter((each) => each.default).map((each) => each.value), ...(component.default_values ?? []).map((each) => each.id)];
  const control = chooser({ id, options, chosen, label, least: required ? (component.min_values ?? 1) : 0, most: component.max_values ?? 1, placeholder: component.placeholder || "Choose" });
  return {
    control, value: () => control.values(), focus: () => control.focus(),
    problem: () => (required && control.values().length < (component.min_values ?? 1) ? `Please choose something for “${label}”.` : ""),
  };
}

function files(component, { id, label, required }) {
  const [least, most] = [component.min_values ?? 1, component.max_values ?? 1];
  const chosen = [];
  const listed = h("ul", { class: "chosen-files" });
  const input = h("input", { id, type: "file", multiple: most > 1, "aria-required": String(required) });
  const draw = () => listed.replaceChildren(...chosen.map((each) => h("li", {}, h("span", {}, each.name), h("small", {}, size(each.size)), iconButton("close", `Remove ${each.name}`, () => {
    chosen.splice(chosen.indexOf(each), 1);
    draw();
  }))));
  const add = (list) => {
    if (most === 1) chosen.length = 0;
    chosen.push(...[...list].slice(0, most - chosen.length));
    input.value = "";
    draw();
  };
  input.addEventListener("change", () => add(input.files));
  const control = h("div", { class: "drop", ondragover: (event) => event.preventDefault(), ondrop: (event) => {
    event.preventDefault();
    event.stopPropagation();
    add(event.dataTransfer.files);
  } }, input, listed);
  return {
    control, files: () => chosen, focus: () => input.focus(),
    problem: () => (required && chosen.length < least ? `Please add ${least > 1 ? `${least} files` : "a file"} for “${label}”.` : ""),
  };
}

function choice(type, id, option, number) {
  const input = h("input", { type, name: id, id: `${id}-${number}`, value: option.value, checked: option.default });
  const row = h("label", { class: "tick" }, input, h("span", {}, option.label, option.description ? h("small", {}, option.description) : null));
  return { input, row };
}

function radios(component, { id, label, required }) {
  const rows = component.options.map((option, number) => choice("radio", id, option, number));
  const value = () => rows.find((each) => each.input.checked)?.input.value ?? null;
  return {
    control: h("div", { role: "radiogroup", "aria-label": label }, rows.map((each) => each.row)), value, focus: () => rows[0].input.focus(),
    problem: () => (required && !value() ? `Please choose one for “${label}”.` : ""),
  };
}

function ticks(component, { id, label, required }) {
  const rows = component.options.map((option, number) => choice("checkbox", id, option, number));
  const value = () => rows.filter((each) => each.input.checked).map((each) => each.input.value);
  const [least, most] = [component.min_values ?? 1, component.max_values ?? component.options.length];
  return {
    control: h("div", {}, rows.map((each) => each.row)), value, focus: () => rows[0].input.focus(),
    problem() {
      const ticked = value().length;
      if ((required || ticked) && ticked < least) return `Please tick ${least > 1 ? `at least ${least}` : "something"} for “${label}”.`;
      return ticked > most ? `Please tick ${most} at most for “${label}”.` : "";
    },
  };
}

function tick(component, { id, label }) {
  const { input, row } = choice("checkbox", id, { label, value: "true", default: component.default }, 0);
  return { control: row, value: () => input.checked, focus: () => input.focus() };
}
