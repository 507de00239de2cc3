// Embeds: the older cards of messages.

import { elsewhere } from "/page/static/attachments.js";
import { h } from "/page/static/dom.js";
import { inline, markdown } from "/page/static/markdown.js";
import { isOwn, local } from "/page/static/state.js";

export const embeds = (message) => (message.embeds ?? []).map(embed);

function embed(each) {
  const color = each.color ? `#${each.color.toString(16).padStart(6, "0")}` : "var(--line)";
  return h("article", { class: "embed", css: { "--accent-bar": color } },
    each.author ? h("div", { class: "embed-author" }, each.author.name) : null,
    each.title ? h("div", { class: "embed-title", role: "heading", "aria-level": "4" }, each.url ? h("a", { href: /^https?:/.test(each.url) ? each.url : null, target: "_blank", rel: "noopener noreferrer" }, inline(each.title)) : inline(each.title)) : null,
    each.description ? h("div", { class: "text" }, markdown(each.description)) : null,
    each.fields?.length ? h("dl", { class: "fields" }, each.fields.map((field) => h("div", { class: field.inline ? "inline" : "" }, h("dt", {}, inline(field.name)), h("dd", {}, markdown(field.value))))) : null,
    each.image ? picture(each.image) : null,
    each.thumbnail ? picture(each.thumbnail) : null,
    each.footer ? h("div", { class: "embed-footer" }, each.footer.text) : null);
}

const picture = (media) => (isOwn(media.url) ? h("img", { class: "embed-image", src: local(media.url), alt: media.description ?? "", loading: "lazy" }) : elsewhere(media.url));
