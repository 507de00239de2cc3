// A list to choose from: selects of messages and forms, and options of commands.

import { h, icon } from "/page/static/dom.js";
import { popup, walkable } from "/page/static/popup.js";
import { name, state } from "/page/static/state.js";

const SEARCH_FROM = 9;

/** What people, roles or channels there are, as choices; `kinds` of channels may be limited. */
export function choicesOf(kind, kinds = null) {
  const users = [...state.users.values()].map((each) => ({ value: each.id, label: `@${name(each)}`, description: each.bot ? "bot" : "" }));
  const roles = [...state.roles.values()].map((each) => ({ value: each.id, label: each.name.startsWith("@") ? each.name : `@${each.name}`, description: "role" }));
  const channels = [...state.channels.values(), ...state.threads.values()]
    .filter((each) => each.type !== 1 && (!kinds?.length || kinds.includes(each.type)))
    .map((each) => ({ value: each.id, label: `#${each.name}` }));
  return { user: users, role: roles, channel: channels, mentionable: [...users, ...roles] }[kind];
}

/**
 * Return a field that shows what is chosen and opens the list.
 * `onchange` gets the values once the choice is made; several are made by closing the list.
 */
export function chooser({ options, chosen = [], least = 1, most = 1, placeholder = "Choose", label, disabled = false, id, onchange }) {
  let values = [...chosen];
  const shown = h("span", { class: "chosen" });
  const button = h("button", {
    type: "button", class: "select", id, disabled, "aria-haspopup": "listbox", "aria-expanded": "false", "aria-label": label ?? placeholder, onclick: show,
  }, shown, icon("down"));

  function draw() {
    const labels = values.map((value) => options.find((each) => each.value === value)?.label ?? value);
    shown.textContent = labels.join(", ") || placeholder;
    shown.classList.toggle("placeholder", !labels.length);
    if (labels.length) button.setAttribute("aria-label", `${label ?? placeholder}: ${labels.join(", ")}`);
  }

  function show() {
    const before = values.join();
    const toggle = (value) => {
      if (most === 1) {
        values = values[0] === value && least === 0 ? [] : [value];
        opened.close();
        return;
      }
      values = values.includes(value) ? values.filter((each) => each !== value) : values.length < most ? [...values, value] : values;
      draw();
      for (const each of rows.children) each.setAttribute("aria-selected", values.includes(each.dataset.value));
    };
    const rows = h("div", { role: "listbox", class: "choices", "aria-multiselectable": most > 1, "aria-label": label ?? placeholder });
    const fill = (wanted = "") => rows.replaceChildren(...options.filter((each) => each.label.toLowerCase().includes(wanted.toLowerCase())).map((each) => row(each, values, toggle)));
    const search = options.length >= SEARCH_FROM ? h("input", { class: "field search", type: "search", placeholder: "Search", "aria-label": "Search", oninput: (event) => fill(event.target.value) }) : null;
    fill();
    const done = most > 1 ? h("button", { type: "button", class: "button primary done", onclick: () => opened.close() }, "Done") : null;
    const opened = popup(button, [search, rows, done], {
      label: label ?? placeholder, className: "chooser",
      onclose() {
        button.setAttribute("aria-expanded", "false");
        draw();
        if (values.join() !== before && values.length >= least) onchange?.(values);
      },
    });
    opened.box.style.setProperty("min-width", `${button.offsetWidth}px`);
    button.setAttribute("aria-expanded", "true");
    walkable(opened.box, "[role=option], .done");
    (search ?? rows.querySelector("[aria-selected=true]") ?? rows.firstChild)?.focus();
  }

  draw();
  button.values = () => values;
  return button;
}

function row(option, values, toggle) {
  return h("button", {
    type: "button", role: "option", class: "choice", "aria-selected": String(values.includes(option.value)), dataset: { value: option.value }, onclick: () => toggle(option.value),
  },
  option.emoji?.name ? h("span", { class: "emoji" }, option.emoji.name) : null,
  h("span", { class: "choice-text" }, h("span", {}, option.label), option.description ? h("small", {}, option.description) : null),
  icon("check"));
}
