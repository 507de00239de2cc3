// Short notes at the edge of the page, worded for people.

import { h, iconButton } from "/page/static/dom.js";

const SECONDS = 8;

export function toast(text, kind = "problem") {
  const holder = document.getElementById("toasts");
  const note = h("div", { class: `toast ${kind}`, role: kind === "problem" ? "alert" : "status" }, h("p", {}, text));
  const leave = () => note.remove();
  note.append(iconButton("close", "Dismiss", leave));
  holder.append(note);
  while (holder.children.length > 4) holder.firstChild.remove();
  setTimeout(leave, SECONDS * 1000);
}

/** Do something; when it is refused, say why. Returns what came of it, or null. */
export async function trying(doing) {
  try {
    return await doing();
  } catch (error) {
    toast(error.message);
    return null;
  }
}
