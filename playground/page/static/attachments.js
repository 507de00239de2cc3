// Files of messages: pictures, videos, sound, and whatever else.

import { h, icon, iconButton } from "/page/static/dom.js";
import { lightbox } from "/page/static/lightbox.js";
import { soundPlayer } from "/page/static/player.js";
import { popup } from "/page/static/popup.js";
import { isOwn, local } from "/page/static/state.js";
import { sentence } from "/page/static/sentences.js";

const SHOWN = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"];
const SPOILER = 8;

export const size = (bytes) => (bytes < 1024 ? `${bytes} bytes` : bytes < 1048576 ? `${(bytes / 1024).toFixed(0)} kB` : `${(bytes / 1048576).toFixed(1)} MB`);

/** Return the kind by which a file is shown. */
export function kindOf(attachment) {
  const type = (attachment.content_type ?? "").split(";")[0];
  if (SHOWN.includes(type)) return "image";
  if (type.startsWith("video/")) return "video";
  return type.startsWith("audio/") ? "sound" : "file";
}

/** Return the files of a message. `keep` gives back an element of before, so that nothing restarts. */
export function attachments(message, keep) {
  const found = message.attachments ?? [];
  const images = found.filter((each) => kindOf(each) === "image");
  const others = found.filter((each) => !images.includes(each));
  return [
    images.length ? gallery(images.map((each) => ({ key: each.id, url: each.url, alt: each.description, name: each.filename, width: each.width, height: each.height, spoiler: each.flags & SPOILER })), keep) : null,
    others.map((each) => keep(each.id, () => file(each, Boolean(message.flags & (1 << 13))))),
  ];
}

/** Return pictures side by side. Items: {key, url, alt, name, width, height, spoiler, video}. */
export function gallery(items, keep) {
  const pictures = items.map((item) => keep(item.key, () => (item.video ? video(item) : picture(item, items))));
  return h("div", { class: `gallery n${Math.min(items.length, 5)}` }, pictures);
}

function picture(item, items) {
  if (!isOwn(item.url)) return elsewhere(item.url, item.alt);
  const described = item.alt || `Picture without a description: ${item.name ?? "unnamed"}`;
  const image = h("img", { src: local(item.url), alt: described, loading: "lazy", width: item.width || null, height: item.height || null });
  const button = h("button", {
    type: "button", class: "picture", "aria-label": `${described}. Press to enlarge.`, onclick: () => lightbox(items.filter((each) => isOwn(each.url)), items.indexOf(item)),
  }, image);
  image.addEventListener("error", () => {
    button.classList.add("broken");
    button.disabled = true;
    button.replaceChildren(icon("file"), h("span", {}, item.name ?? "Picture"), h("small", {}, sentence("unshowable")));
  });
  const holder = h("div", { class: "media", css: ratio(item) }, button, item.alt ? altBadge(item.alt) : null);
  return item.spoiler ? covered(holder, "picture") : holder;
}

const ratio = (item) => (item.width && item.height ? { "--ratio": `${item.width} / ${item.height}`, "--wide": `${item.width}px`, "--share": String(item.width / item.height) } : {});

function altBadge(text) {
  const badge = h("button", { type: "button", class: "alt-badge", "aria-label": "Description of the picture", onclick: () => popup(badge, h("p", {}, text), { label: "Description", className: "alt-text" }) }, "ALT");
  return badge;
}

/** Cover something until it is pressed. */
export function covered(element, what) {
  const cover = h("button", { type: "button", class: "cover", "aria-label": `Spoiler: ${what}. Press to show it.` }, h("span", {}, "Spoiler"));
  const holder = h("div", { class: "covered" }, element, cover);
  element.setAttribute("inert", "");
  cover.addEventListener("click", () => {
    holder.classList.add("shown");
    element.removeAttribute("inert");
    cover.remove();
  });
  return holder;
}

export function file(attachment, voice = false) {
  const kind = kindOf(attachment);
  const shown = kind === "video" ? video({ ...attachment, alt: attachment.description, name: attachment.filename }) : kind === "sound" ? sound(attachment, voice) : card(attachment);
  return attachment.flags & SPOILER ? covered(shown, kind) : shown;
}

function sound(attachment, voice) {
  const player = soundPlayer(attachment, { voice });
  if (voice) return h("div", { class: "sound" }, player);
  return h("div", { class: "sound framed" }, h("div", { class: "file-head" }, icon("file"), name(attachment), download(attachment)), player);
}

function video(item) {
  const element = h("video", { controls: true, preload: "metadata", playsinline: true, src: local(item.url), "aria-label": item.alt || item.name || "Video", title: item.alt ?? null });
  const holder = h("div", { class: "media moving", css: ratio(item) }, element);
  element.addEventListener("error", () => holder.replaceChildren(h("p", { class: "note" }, sentence("unplayable")), card({ ...item, filename: item.name, url: item.url })));
  const shown = item.alt ? h("div", { class: "with-alt" }, holder, altBadge(item.alt)) : holder;
  return item.spoiler ? covered(shown, "video") : shown;
}

export function card(attachment) {
  return h("div", { class: "file" }, icon(kindOf(attachment) === "video" ? "film" : "file"), name(attachment), download(attachment));
}

function name(attachment) {
  return h("div", { class: "file-name" },
    h("a", { href: local(attachment.url), download: attachment.filename }, attachment.title ? `${attachment.title}` : attachment.filename),
    attachment.size ? h("small", {}, size(attachment.size)) : null);
}

function download(attachment) {
  return iconButton("download", `Download ${attachment.filename}`, () => {
    h("a", { href: local(attachment.url), download: attachment.filename }).click();
  });
}

/** Name a picture of another website: this page asks nothing of others. */
export function elsewhere(url, alt) {
  let host = "another website";
  try {
    host = new URL(url).host;
  } catch {
    // It stays "another website".
  }
  return h("a", { class: "elsewhere", href: /^https?:/.test(url) ? url : null, target: "_blank", rel: "noopener noreferrer" }, icon("link"), alt || `Picture at ${host}`);
}
