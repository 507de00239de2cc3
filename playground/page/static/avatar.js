// Drawn faces of people: an island in a colour of their own.

import { svg } from "/page/static/dom.js";

const HUES = [8, 32, 48, 96, 142, 168, 196, 218, 262, 318];

export function avatar(user, size = "") {
  const picture = svg("svg", { class: `avatar ${size}`, viewBox: "0 0 40 40", "aria-hidden": "true" });
  if (user.bot) {
    picture.append(
      svg("rect", { width: 40, height: 40, class: "sea" }),
      svg("path", { class: "sand", d: "M3 25c1-7 5-11 9-11s5 3 7 6c1 2 2 2 3-1 2-3 4-6 7-6 5 0 7 6 8 12-6 4-12 4-17 2-6 2-12 2-17-2z" }),
      svg("path", { class: "wave", d: "M0 30c5-3 10-3 15 0s10 3 15 0 7-3 10-1v11H0z" }));
    return picture;
  }
  const hue = HUES[[...user.username].reduce((sum, each) => sum * 7 + each.codePointAt(0), 3) % HUES.length];
  const letter = svg("text", { x: 20, y: 26.5, "text-anchor": "middle" });
  letter.textContent = (user.global_name ?? user.username).slice(0, 1).toUpperCase();
  picture.append(svg("rect", { width: 40, height: 40, fill: `hsl(${hue} 48% 42%)` }), svg("path", { d: "M0 31c7-4 13-4 20 0s13 4 20 0v9H0z", fill: `hsl(${hue} 55% 33%)` }), letter);
  return picture;
}
