// A picture as big as the window, with its description.

import { h, iconButton } from "/page/static/dom.js";
import { local } from "/page/static/state.js";

export function lightbox(items, number) {
  const image = h("img", {});
  const caption = h("p", { class: "caption" });
  const dialog = h("dialog", { class: "lightbox", "aria-label": "Picture" });
  const show = (to) => {
    number = (to + items.length) % items.length;
    const item = items[number];
    image.src = local(item.url);
    image.alt = item.alt ?? "";
    caption.textContent = item.alt || item.name || "";
  };
  const bar = h("div", { class: "lightbox-bar" },
    iconButton("download", "Download", () => h("a", { href: local(items[number].url), download: items[number].name ?? "" }).click()),
    iconButton("close", "Close", () => dialog.close()));
  dialog.append(image, caption, bar);
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") show(number - 1);
    if (event.key === "ArrowRight") show(number + 1);
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  show(number);
  dialog.showModal();
}
