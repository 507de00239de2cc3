// Discord's markdown as DOM nodes. Nothing is ever parsed as HTML.

import { h } from "/page/static/dom.js";
import { emit, name, place, state } from "/page/static/state.js";

const INLINE = [
  [/\\([\\*_~`|>#:<\[\]()\-.!@])/y, (m) => m[1]],
  [/``(.+?)``(?!`)/sy, (m) => h("code", {}, m[1].trim())],
  [/`([^`\n]+)`/y, (m) => h("code", {}, m[1])],
  [/\*\*\*(?=\S)(.+?)\*\*\*/sy, (m) => h("strong", {}, h("em", {}, inline(m[1])))],
  [/\*\*(?=\S)(.+?)\*\*(?!\*)/sy, (m) => h("strong", {}, inline(m[1]))],
  [/__(?=\S)(.+?)__(?!_)/sy, (m) => h("u", {}, inline(m[1]))],
  [/\*(?=\S)([^*\n]*[^*\s])\*(?!\*)/y, (m) => h("em", {}, inline(m[1]))],
  [/_(?=\S)([^_\n]*[^_\s])_(?![\w_])/y, (m) => h("em", {}, inline(m[1]))],
  [/~~(?=\S)(.+?)~~/sy, (m) => h("s", {}, inline(m[1]))],
  [/\|\|(.+?)\|\|/sy, (m) => spoiler(inline(m[1]))],
  [/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y, (m) => time(Number(m[1]), m[2] ?? "f")],
  [/<@!?(\d+)>/y, (m) => mention(`@${name(state.users.get(m[1]))}`, m[1] === state.me?.id)],
  [/<@&(\d+)>/y, (m) => mention(`@${state.roles.get(m[1])?.name ?? "role"}`, state.members.get(state.me?.id)?.roles.includes(m[1]))],
  [/<#(\d+)>/y, (m) => jump(m[1], null, `#${place(m[1])?.name ?? "hidden-channel"}`)],
  [/<\/([-\w ]+):\d+>/y, (m) => mention(`/${m[1]}`)],
  [/<a?:(\w+):\d+>/y, (m) => `:${m[1]}:`],
  [/@(everyone|here)\b/y, (m) => mention(`@${m[1]}`, true)],
  [/\[([^\]\n]+)\]\(<?(https?:\/\/[^\s<>)]+)>?\)/y, (m) => link(m[2], inline(m[1]))],
  [/<(https?:\/\/[^\s<>]+)>/y, (m) => link(m[1], m[1])],
  [/https?:\/\/[^\s<>]*[^\s<>.,:;"')\]|*_~]/y, (m) => link(m[0], m[0])],
];
const SPECIAL = /[\\`*_~|<@[h]/g;

/** Return the nodes of one line or phrase. */
export function inline(text) {
  const nodes = [];
  let plain = "";
  let at = 0;
  while (at < text.length) {
    SPECIAL.lastIndex = at;
    const next = SPECIAL.exec(text)?.index ?? text.length;
    plain += text.slice(at, next);
    at = next;
    if (at >= text.length) break;
    const before = text[at - 1];
    const found = inWord(text[at], before) ? null : matched(text, at);
    if (found === null) {
      plain += text[at];
      at += 1;
      continue;
    }
    if (plain) nodes.push(plain);
    plain = "";
    nodes.push(found.node);
    at = found.end;
  }
  if (plain) nodes.push(plain);
  return nodes;
}

// snake_case stays as it is, and so does a word that contains "http".
const inWord = (char, before) => (char === "_" || char === "h") && before !== undefined && /\w/.test(before);

function matched(text, at) {
  for (const [pattern, build] of INLINE) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return { node: build(match), end: at + match[0].length };
  }
  return null;
}

/** Return the nodes of a whole text: headings, quotes, lists, code blocks, subtext. */
export function markdown(text) {
  const nodes = [];
  const pieces = text.split(/```(?:([\w+-]*)\n)?([\s\S]+?)```\n?/);
  for (let number = 0; number < pieces.length; number += 3) {
    if (pieces[number]) nodes.push(...blocks(pieces[number].replace(/\n$/, "")));
    if (pieces[number + 2] !== undefined) nodes.push(h("pre", {}, h("code", { dataset: { language: pieces[number + 1] ?? "" } }, pieces[number + 2].replace(/\n$/, ""))));
  }
  return nodes;
}

const BLOCKS = [
  [/^(#{1,3}) +(.+)$/, (m) => h("div", { class: `heading h${m[1].length}`, role: "heading", "aria-level": m[1].length + 2 }, inline(m[2]))],
  [/^-# +(.+)$/, (m) => h("div", { class: "subtext" }, inline(m[1]))],
];

function blocks(text) {
  const lines = text.split("\n");
  const nodes = [];
  while (lines.length) {
    const line = lines[0];
    if (line.startsWith(">>> ")) {
      nodes.push(h("blockquote", {}, markdown([line.slice(4), ...lines.slice(1)].join("\n"))));
      break;
    }
    if (line.startsWith("> ") || line === ">") nodes.push(h("blockquote", {}, blocks(taken(lines, /^> ?/).join("\n"))));
    else if (/^ *([-*]|\d+[.)]) +\S/.test(line)) nodes.push(list(lines));
    else {
      const block = BLOCKS.map(([pattern, build]) => [pattern.exec(line), build]).find(([match]) => match);
      nodes.push(block ? block[1](block[0]) : paragraph(lines));
      if (block) lines.shift();
    }
  }
  return nodes;
}

function taken(lines, mark) {
  const found = [];
  while (lines.length && mark.test(lines[0])) found.push(lines.shift().replace(mark, ""));
  return found;
}

const ITEM = /^( *)([-*]|(\d+)[.)]) +(.*)$/;
const STARTS = /^(#{1,3} +\S|-# +\S|>|>>> | *([-*]|\d+[.)]) +\S)/;

function list(lines) {
  const [, indent, , number] = ITEM.exec(lines[0]);
  const items = [];
  while (lines.length) {
    const match = ITEM.exec(lines[0]);
    if (!match || match[1].length < indent.length || Boolean(match[3]) !== Boolean(number)) break;
    if (match[1].length > indent.length) (items.at(-1) ?? items).append(list(lines));
    else {
      items.push(h("li", {}, inline(match[4])));
      lines.shift();
    }
  }
  return number ? h("ol", { start: number }, items) : h("ul", {}, items);
}

function paragraph(lines) {
  const kept = [lines.shift()];
  while (lines.length && !STARTS.test(lines[0])) kept.push(lines.shift());
  return h("div", { class: "paragraph" }, kept.map((line, number) => [number ? h("br") : null, line ? inline(line) : null]));
}

const mention = (text, mine = false) => h("span", { class: mine ? "mention mine" : "mention" }, text);

function spoiler(nodes) {
  const element = h("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler. Press to show it." }, h("span", { class: "hidden-text", "aria-hidden": "true" }, nodes));
  const show = (event) => {
    if (element.classList.contains("shown") || (event.type === "keydown" && !["Enter", " "].includes(event.key))) return;
    event.preventDefault();
    event.stopPropagation();
    element.classList.add("shown");
    for (const attribute of ["role", "aria-label", "tabindex"]) element.removeAttribute(attribute);
    element.firstChild.removeAttribute("aria-hidden");
  };
  element.addEventListener("click", show);
  element.addEventListener("keydown", show);
  return element;
}

function link(url, content) {
  const [, channel, message] = /^https:\/\/(?:\w+\.)?discord\.com\/channels\/(?:\d+|@me)\/(\d+)(?:\/(\d+))?$/.exec(url) ?? [];
  if (channel && place(channel)) return jump(channel, message, content === url ? `#${place(channel).name}${message ? " › message" : ""}` : content);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, content);
}

function jump(channel, message, content) {
  if (!place(channel)) return mention(content);
  return h("button", { type: "button", class: "mention jump", onclick: () => emit("go", { channel, message }) }, content);
}

const STYLES = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
};
const UNITS = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];

function time(seconds, style) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return `<t:${seconds}>`;
  const whole = new Intl.DateTimeFormat(undefined, STYLES.F).format(date);
  const shown = style === "R" ? relative(seconds) : new Intl.DateTimeFormat(undefined, STYLES[style]).format(date);
  return h("time", { class: "timestamp", datetime: date.toISOString(), title: whole, dataset: style === "R" ? { relative: seconds } : {} }, shown);
}

export function relative(seconds) {
  const away = seconds - Date.now() / 1000;
  const [unit, size] = UNITS.find(([, each]) => Math.abs(away) >= each) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(Math.round(away / size), unit);
}

setInterval(() => {
  for (const each of document.querySelectorAll("time[data-relative]")) each.textContent = relative(Number(each.dataset.relative));
}, 5000);
