// Things that float above the page: menus, lists to choose from, small cards.

import { h } from "/page/static/dom.js";

const EDGE = 8;
let open = null;

/** Show content near an element or a point; Escape, a click elsewhere or a resize closes it. */
export function popup(anchor, content, { onclose = () => {}, label = "", role = "dialog", className = "" } = {}) {
  closePopup();
  const box = h("div", { class: `popup ${className}`, role, "aria-label": label, tabindex: "-1" }, content);
  const layer = (anchor instanceof Element && anchor.closest("dialog")) || document.body;
  layer.append(box);
  const back = document.activeElement;
  open = {
    box,
    close(refocus = true) {
      box.remove();
      removeEventListener("pointerdown", outside, true);
      removeEventListener("keydown", escape, true);
      removeEventListener("resize", away);
      open = null;
      if (refocus && back?.isConnected) back.focus();
      onclose();
    },
  };
  const mine = open;
  const outside = (event) => !box.contains(event.target) && mine === open && mine.close(false);
  const away = () => mine === open && mine.close(false);
  const escape = (event) => {
    if (event.key !== "Escape" || mine !== open) return;
    event.preventDefault();
    event.stopPropagation();
    mine.close();
  };
  addEventListener("pointerdown", outside, true);
  addEventListener("keydown", escape, true);
  addEventListener("resize", away);
  put(box, anchor);
  return mine;
}

export function closePopup() {
  open?.close(false);
}

function put(box, anchor) {
  const at = anchor instanceof Element ? anchor.getBoundingClientRect() : { left: anchor.x, right: anchor.x, top: anchor.y, bottom: anchor.y };
  const { width, height } = box.getBoundingClientRect();
  const below = at.bottom + 4 + height <= innerHeight - EDGE;
  const top = below ? at.bottom + 4 : Math.max(EDGE, at.top - 4 - height);
  const left = Math.max(EDGE, Math.min(at.left, innerWidth - width - EDGE));
  box.style.setProperty("top", `${Math.min(top, Math.max(EDGE, innerHeight - height - EDGE))}px`);
  box.style.setProperty("left", `${left}px`);
}

/** Let arrow keys walk through the enabled items of a list or menu. */
export function walkable(box, selector) {
  box.addEventListener("keydown", (event) => {
    const items = [...box.querySelectorAll(selector)].filter((each) => !each.disabled && each.offsetParent);
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? items.length - 1 : at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to === undefined || !items.length || (event.target.tagName === "INPUT" && ["Home", "End"].includes(event.key))) return;
    event.preventDefault();
    items[(to + items.length) % items.length].focus();
  });
}

/** Show a menu. `items`: {label, icon?, danger?, run} or a node to put as it is. */
export function menu(anchor, items, label) {
  const nodes = items.filter(Boolean).map((item) => (item instanceof Node ? item : h("button", {
    type: "button", role: "menuitem", class: item.danger ? "menu-item danger" : "menu-item",
    onclick: () => {
      mine.close();
      item.run();
    },
  }, h("span", {}, item.label), item.icon ?? null)));
  const mine = popup(anchor, nodes, { role: "menu", label, className: "menu" });
  walkable(mine.box, "button");
  mine.box.querySelector("button")?.focus();
  return mine;
}
