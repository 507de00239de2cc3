// Files to click, for those who have none at hand.

import { h, icon } from "/page/static/dom.js";
import { popup } from "/page/static/popup.js";
import { look } from "/page/static/api.js";
import { state } from "/page/static/state.js";
import { toast } from "/page/static/toasts.js";

const TYPES = {
  png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", gif: "image/gif", webp: "image/webp", mp4: "video/mp4", webm: "video/webm", mov: "video/quicktime",
  ogg: "audio/ogg", mp3: "audio/mpeg", wav: "audio/wav", flac: "audio/flac",
};
const typeOf = (name) => TYPES[name.split(".").at(-1).toLowerCase()] ?? "application/octet-stream";
const ICONS = { image: "eye", video: "film", audio: "mic", application: "file" };

export function sampleCards(samples, onpick) {
  const silent = state.status.speaks === false ? h("p", { class: "note" }, "There is no voice note among these: nothing here can speak. Install espeak-ng for one.") : null;
  return h("div", { class: "samples" }, silent, samples.map((each) => {
    const type = typeOf(each.name);
    const preview = type.startsWith("image/") ? h("img", { src: `/page/api/samples/${encodeURIComponent(each.name)}`, alt: "", loading: "lazy" }) : h("span", { class: "sample-icon" }, icon(ICONS[type.split("/")[0]]));
    return h("button", { type: "button", class: "sample", onclick: (event) => pick(each, type, onpick, event.currentTarget) }, preview, h("span", {}, h("b", {}, each.name), h("small", {}, each.shows)));
  }));
}

async function pick(sample, type, onpick, card) {
  if (card.classList.contains("making")) return;
  // A film takes seconds to be made the first time.
  const shown = card.querySelector("small");
  card.classList.add("making");
  card.setAttribute("aria-busy", "true");
  shown.textContent = "Being made …";
  shown.setAttribute("role", "status");
  try {
    const response = await fetch(`/page/api/samples/${encodeURIComponent(sample.name)}`);
    if (!response.ok) throw new Error(response.statusText);
    onpick(new File([await response.blob()], sample.name, { type }));
  } catch {
    toast("This sample could not be fetched. Please try again.");
  } finally {
    card.classList.remove("making");
    card.removeAttribute("aria-busy");
    shown.removeAttribute("role");
    shown.textContent = sample.shows;
  }
}

export async function pickSample(anchor, onpick) {
  const samples = (await look("samples")) ?? [];
  const content = samples.length ? sampleCards(samples, (file) => {
    opened.close(false);
    onpick(file);
  }) : h("p", { class: "note" }, "There are no samples here. Drop a file of your own.");
  const opened = popup(anchor, content, { label: "Samples", className: "sample-box" });
  opened.box.querySelector("button")?.focus();
}
