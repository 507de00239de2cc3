// Components of messages: rows of buttons and selects, and the cards of components V2.

import { covered, elsewhere, file, gallery } from "/page/static/attachments.js";
import { choicesOf, chooser } from "/page/static/choosing.js";
import { h, icon } from "/page/static/dom.js";
import { press } from "/page/static/interacting.js";
import { markdown } from "/page/static/markdown.js";
import { isOwn, local } from "/page/static/state.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };
const ENTITY = { 5: "user", 6: "role", 7: "mentionable", 8: "channel" };

/** Return the components of a message. `keep` gives back an element of before. */
export function components(message, keep) {
  return (message.components ?? []).map((each) => component(each, { message, keep }));
}

const BUILDERS = {
  1: (row, at) => h("div", { class: "row" }, row.components.map((each) => component(each, at))),
  2: button,
  3: (select, at) => selecting(select, at, select.options),
  9: (section, at) => h("div", { class: "section" }, h("div", { class: "section-text" }, section.components.map((each) => component(each, at))), section.accessory ? component(section.accessory, at) : null),
  10: (display) => h("div", { class: "text" }, markdown(display.content)),
  11: thumbnail,
  12: (block, { keep }) => gallery(block.items.map((each, number) => medium(each.media, each, `${block.id}-${number}`)), keep),
  13: fileBlock,
  14: (separator) => h("hr", { class: separator.divider === false ? "gap" : "divider", dataset: { spacing: separator.spacing ?? 1 } }),
  17: container,
};

function component(each, at) {
  if (ENTITY[each.type]) return selecting(each, at, choicesOf(ENTITY[each.type], each.channel_types));
  return BUILDERS[each.type]?.(each, at) ?? h("p", { class: "note" }, `(This page cannot show components of type ${each.type} yet.)`);
}

function button(each, { message }) {
  const content = [each.emoji?.name ? h("span", { class: "emoji" }, each.emoji.name) : null, each.label ? h("span", {}, each.label) : null];
  const style = `button ${STYLES[each.style] ?? "secondary"}`;
  if (each.style === 5) return h("a", { class: style, href: /^(https?|discord):/.test(each.url) ? each.url : null, target: "_blank", rel: "noopener noreferrer" }, content, icon("link"));
  const element = h("button", {
    type: "button", class: style, disabled: each.disabled, dataset: { custom: each.custom_id ?? "" }, "aria-label": each.label ? null : (each.emoji?.name ?? "button"),
    onclick: () => press(message, each.custom_id, [], element),
  }, content);
  return element;
}

function selecting(select, { message }, options) {
  const chosen = [...(select.options ?? []).filter((each) => each.default).map((each) => each.value), ...(select.default_values ?? []).map((each) => each.id)];
  const element = chooser({
    options, chosen, least: select.min_values ?? 1, most: select.max_values ?? 1, placeholder: select.placeholder || "Choose", label: select.placeholder, disabled: select.disabled,
    onchange: (values) => press(message, select.custom_id, values, element),
  });
  element.dataset.custom = select.custom_id;
  return element;
}

function medium(media, item, key) {
  const type = media.content_type ?? "";
  return {
    key: media.attachment_id ?? key, url: media.url, alt: item.description, name: nameOf(media.url), width: media.width, height: media.height, spoiler: item.spoiler, video: type.startsWith("video/"),
  };
}

const nameOf = (url) => decodeURIComponent(url.split("?")[0].split("/").at(-1) ?? "");

function thumbnail(each, { keep }) {
  if (!isOwn(each.media.url)) return elsewhere(each.media.url, each.description);
  return h("div", { class: "thumbnail" }, gallery([medium(each.media, each, `thumb-${each.id}`)], keep));
}

function fileBlock(block, { message, keep }) {
  const held = message.attachments.find((each) => each.id === block.file.attachment_id);
  const shown = held ?? { id: block.id, url: block.file.url, filename: block.name ?? nameOf(block.file.url), content_type: block.file.content_type, size: block.size, flags: 0 };
  return keep(shown.id, () => file({ ...shown, url: local(shown.url), flags: block.spoiler ? 8 : shown.flags }));
}

function container(each, at) {
  const accent = each.accent_color === null || each.accent_color === undefined ? null : `#${each.accent_color.toString(16).padStart(6, "0")}`;
  const box = h("div", { class: accent ? "container accented" : "container", css: accent ? { "--accent-bar": accent } : {} }, each.components.map((inner) => component(inner, at)));
  return each.spoiler ? covered(box, "card") : box;
}
