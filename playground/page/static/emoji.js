// A small choice of emoji.

import { h } from "/page/static/dom.js";
import { popup, walkable } from "/page/static/popup.js";

export const QUICK = ["👍", "❤️", "😂", "🎉"];
const SETS = [
  ["Often", "👍 👎 ❤️ 😂 😮 😢 🙏 🎉 🔥 👏 ✅ ❌ 👀 💯 🤔 🚀"],
  ["Faces", "😀 😄 😅 🙂 😉 😍 😘 😎 🤩 🥳 😴 🤯 😱 😭 😤 🙄 🤗 🫠"],
  ["Shore", "🌊 🏝️ ⛵ 🐚 🐟 🦀 🐦 🌅 🌧️ ☀️ 🌈 ⭐ 🌙 🌍 🍀 🌸"],
  ["Things", "📷 🎬 🎧 🎤 🎨 ✏️ 📝 📌 💡 ⏱️ 🔍 🔔 🎁 ☕ 🍰 🏆"],
];

export function pickEmoji(anchor, onpick) {
  const sets = SETS.map(([label, list]) => h("div", {}, h("h3", {}, label), h("div", { class: "emoji-grid" }, list.split(" ").map((each) => h("button", {
    type: "button", class: "emoji-choice", "aria-label": each,
    onclick: () => {
      mine.close();
      onpick(each);
    },
  }, each)))));
  const mine = popup(anchor, sets, { label: "Emoji", className: "emoji-box" });
  mine.box.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const all = [...mine.box.querySelectorAll("button")];
    if (step) all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  });
  walkable(mine.box, "button");
  mine.box.querySelector("button").focus();
}
