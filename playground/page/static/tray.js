// The files that wait to be sent.

import { size } from "/page/static/attachments.js";
import { h, icon, iconButton } from "/page/static/dom.js";

export class Tray {
  constructor() {
    this.items = [];
    this.list = h("ul", { class: "tray-items" });
    this.bar = h("progress", { max: 1, value: 0, hidden: true, "aria-label": "Upload" });
    this.element = h("div", { class: "tray", hidden: true }, this.list, this.bar);
  }

  get count() {
    return this.items.length;
  }

  files() {
    return this.items.map((each) => each.file);
  }

  about() {
    return this.items.map((each) => ({ spoiler: each.spoiler, alt: each.alt.value.trim() }));
  }

  add(file) {
    const url = file.type.startsWith("image/") ? URL.createObjectURL(file) : null;
    const item = { file, url, spoiler: false };
    item.alt = h("input", { class: "field alt-field", maxlength: 1024, placeholder: url ? "Describe it (alt text)" : "Description", "aria-label": `Description of ${file.name}` });
    const spoiler = iconButton("eye", `Mark ${file.name} as a spoiler`, () => {
      item.spoiler = !item.spoiler;
      spoiler.setAttribute("aria-pressed", String(item.spoiler));
      item.element.classList.toggle("is-spoiler", item.spoiler);
    }, { "aria-pressed": "false" });
    const picture = url ? h("img", { src: url, alt: "" }) : null;
    picture?.addEventListener("error", () => picture.replaceWith(icon("file")));
    item.element = h("li", { class: "tray-item" },
      h("div", { class: "tray-picture" }, picture ?? icon(file.type.startsWith("video/") ? "film" : file.type.startsWith("audio/") ? "mic" : "file")),
      h("div", { class: "tray-name", title: file.name }, h("span", {}, file.name), h("small", {}, size(file.size))),
      item.alt,
      h("div", { class: "tray-actions" }, spoiler, iconButton("trash", `Remove ${file.name}`, () => this.remove(item))));
    this.items.push(item);
    this.list.append(item.element);
    this.element.hidden = false;
  }

  remove(item) {
    this.items = this.items.filter((each) => each !== item);
    item.element.remove();
    if (item.url) URL.revokeObjectURL(item.url);
    this.element.hidden = !this.count;
  }

  clear() {
    for (const item of [...this.items]) this.remove(item);
  }

  /** Show how much has arrived, 0 to 1; null: nothing is on its way. */
  progress(share) {
    this.bar.hidden = share === null || !this.count;
    this.bar.value = share ?? 0;
  }
}
