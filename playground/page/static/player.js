// Sound: voice notes with their waveform, and sound files.

import { h, icon, svg } from "/page/static/dom.js";
import { local } from "/page/static/state.js";

const BARS = 56;
const SPEEDS = [1, 1.5, 2];
let playing = null;

export const clock = (seconds) => (Number.isFinite(seconds) ? `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}` : "–:––");

/** Return the loudness of a waveform (base64), as `count` values from 0 to 1. */
export function loudness(waveform, count = BARS) {
  let bytes;
  try {
    bytes = Uint8Array.from(atob(waveform ?? ""), (each) => each.charCodeAt(0));
  } catch {
    bytes = new Uint8Array();
  }
  if (!bytes.length) return new Array(count).fill(0.12);
  return Array.from({ length: count }, (_, number) => {
    const from = Math.floor((number * bytes.length) / count);
    const to = Math.max(from + 1, Math.floor(((number + 1) * bytes.length) / count));
    return Math.max(...bytes.slice(from, to)) / 255;
  });
}

export function bars(levels) {
  const path = levels.map((level, number) => {
    const half = Math.max(1, level * 14);
    return `M${number * 4 + 2} ${16 - half}v${half * 2}`;
  });
  return svg("svg", { class: "bars", viewBox: `0 0 ${levels.length * 4} 32`, preserveAspectRatio: "none", "aria-hidden": "true" }, svg("path", { d: path.join("") }));
}

/** Return a player. It keeps playing while its message is edited. */
export function soundPlayer(attachment, { voice = false } = {}) {
  const audio = h("audio", { preload: "metadata", src: local(attachment.url) });
  const length = () => attachment.duration_secs ?? (Number.isFinite(audio.duration) ? audio.duration : 0);
  const levels = loudness(attachment.waveform);
  const played = h("div", { class: "played" }, bars(levels));
  const track = h("div", {
    class: "track", role: "slider", tabindex: "0", "aria-label": "Position", "aria-valuemin": "0", "aria-valuenow": "0",
  }, bars(levels), played);
  const time = h("span", { class: "time" });
  const button = h("button", { type: "button", class: "play", "aria-label": voice ? "Play voice note" : `Play ${attachment.filename}`, onclick: toggle }, icon("play"));
  const speed = h("button", { type: "button", class: "speed", "aria-label": "Speed", onclick: faster }, "1×");

  function toggle() {
    if (!audio.paused) return audio.pause();
    if (playing && playing !== audio) playing.pause();
    playing = audio;
    return audio.play().catch(() => player.classList.add("broken"));
  }
  function faster() {
    audio.playbackRate = SPEEDS[(SPEEDS.indexOf(audio.playbackRate) + 1) % SPEEDS.length];
    speed.textContent = `${audio.playbackRate}×`;
  }
  function draw() {
    const share = length() ? Math.min(1, audio.currentTime / length()) : 0;
    played.style.setProperty("clip-path", `inset(0 ${100 - share * 100}% 0 0)`);
    time.textContent = clock(audio.currentTime || length());
    track.setAttribute("aria-valuemax", Math.round(length()));
    track.setAttribute("aria-valuenow", Math.round(audio.currentTime));
    track.setAttribute("aria-valuetext", `${clock(audio.currentTime)} of ${clock(length())}`);
    button.replaceChildren(icon(audio.paused ? "play" : "pause"));
  }
  function seek(event) {
    const box = track.getBoundingClientRect();
    audio.currentTime = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * length();
  }
  track.addEventListener("pointerdown", (event) => {
    track.setPointerCapture(event.pointerId);
    seek(event);
  });
  track.addEventListener("pointermove", (event) => event.buttons && seek(event));
  track.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -5, ArrowRight: 5 }[event.key];
    if (event.key === " ") toggle();
    else if (step) audio.currentTime = Math.max(0, audio.currentTime + step);
    else return;
    event.preventDefault();
  });
  for (const each of ["play", "pause", "timeupdate", "ended", "loadedmetadata", "seeked"]) audio.addEventListener(each, draw);
  audio.addEventListener("error", () => player.classList.add("broken"));
  const player = h("div", { class: voice ? "player voice" : "player", role: "group", "aria-label": voice ? `Voice note, ${clock(length())}` : attachment.filename }, button, track, time, speed, audio);
  draw();
  return player;
}
