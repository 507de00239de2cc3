// Forms that the bot shows.

import { upload } from "/page/static/api.js";
import { h } from "/page/static/dom.js";
import { field, isField } from "/page/static/fields.js";
import { answering } from "/page/static/interacting.js";
import { markdown } from "/page/static/markdown.js";

export function modal(shown, interaction) {
  const fields = [];
  const lines = shown.components.map((line) => {
    if (line.type === 10) return h("div", { class: "text" }, markdown(line.content));
    const inner = line.component ?? line.components?.[0];
    if (!isField(inner)) return null;
    const built = field(inner, { label: line.label ?? inner.label, description: line.description });
    fields.push(built);
    return built.element;
  });
  const problem = h("p", { class: "problem", role: "alert" });
  const submit = h("button", { type: "submit", class: "button primary" }, "Submit");
  const form = h("form", { method: "dialog", novalidate: true, onsubmit: send },
    h("h2", { id: "modal-title" }, shown.title), lines, problem,
    h("div", { class: "modal-foot" }, h("button", { type: "button", class: "button secondary", onclick: () => dialog.close() }, "Cancel"), submit));
  const dialog = h("dialog", { class: "modal", "aria-labelledby": "modal-title" }, form);
  dialog.addEventListener("close", () => dialog.remove());

  async function send(event) {
    event.preventDefault();
    const missing = fields.find((each) => each.problem());
    problem.textContent = missing ? missing.problem() : "";
    if (missing) {
      missing.focus();
      return;
    }
    const answers = Object.fromEntries(fields.filter((each) => !each.files).map((each) => [each.name, each.value()]));
    const files = fields.filter((each) => each.files).flatMap((each) => each.files().map((file) => [each.name, file]));
    submit.disabled = true;
    // The form stays until the bot took it: nothing that was typed is lost to a failure.
    const taken = await answering(submit, () => upload("submit", { interaction, answers }, files));
    submit.disabled = false;
    if (taken) dialog.close();
  }

  document.body.append(dialog);
  dialog.showModal();
  fields[0]?.focus();
}
