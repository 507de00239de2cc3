// Voice notes: recorded here, measured here; the server makes Ogg of them.

import { h, iconButton } from "/page/static/dom.js";
import { clock } from "/page/static/player.js";
import { sentence } from "/page/static/sentences.js";
import { toast } from "/page/static/toasts.js";

const TYPE = "audio/webm;codecs=opus";
const SHORTEST = 0.4;
const LONGEST = 1200;
const MOST_POINTS = 256;

export class Recorder {
  constructor(composer) {
    this.composer = composer;
    this.media = null;
    this.time = h("span", { class: "time", role: "timer" });
    this.level = h("div", { class: "level", "aria-hidden": "true" }, Array.from({ length: 24 }, () => h("i")));
    this.element = h("div", { class: "recording", hidden: true, role: "group", "aria-label": "Recording a voice note" },
      h("span", { class: "record-dot", "aria-hidden": "true" }), this.time, this.level,
      iconButton("trash", "Throw the recording away", () => this.cancel()), iconButton("send", "Send the voice note", () => this.finish(), { class: "icon-button send" }));
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && this.cancel());
  }

  async start() {
    if (this.media) return;
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true } });
    } catch {
      toast(sentence("no-microphone"));
      return;
    }
    this.pieces = [];
    this.media = new MediaRecorder(stream, { mimeType: TYPE, audioBitsPerSecond: 32_000 });
    this.media.ondataavailable = (event) => this.pieces.push(event.data);
    this.media.start(500);
    this.began = performance.now();
    this.watch(stream);
    this.element.hidden = false;
    this.composer.bar.hidden = true;
    this.element.querySelector(".send").focus();
  }

  /** Show time and loudness while recording. */
  watch(stream) {
    this.sound = new AudioContext();
    const analyser = this.sound.createAnalyser();
    analyser.fftSize = 512;
    this.sound.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const bars = [...this.level.children];
    const heights = new Array(bars.length).fill(0);
    this.timer = setInterval(() => {
      const seconds = (performance.now() - this.began) / 1000;
      this.time.textContent = clock(seconds);
      analyser.getFloatTimeDomainData(samples);
      heights.shift();
      heights.push(Math.min(1, Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length) * 4));
      bars.forEach((bar, number) => bar.style.setProperty("height", `${8 + heights[number] * 92}%`));
      if (seconds > LONGEST) this.finish();
    }, 80);
  }

  cancel() {
    if (this.media) this.stop();
  }

  async finish() {
    if (!this.media) return;
    const media = this.media;
    const ended = new Promise((resolve) => media.addEventListener("stop", resolve, { once: true }));
    this.stop();
    await ended;
    const blob = new Blob(this.pieces, { type: "audio/webm" });
    const measured = await measure(blob);
    if (measured.seconds < SHORTEST) toast(sentence("too-short"));
    else await this.composer.sendVoice(blob, measured.seconds, measured.waveform);
  }

  stop() {
    this.media.stop();
    for (const track of this.media.stream.getTracks()) track.stop();
    this.media = null;
    clearInterval(this.timer);
    this.sound.close();
    this.element.hidden = true;
    this.composer.bar.hidden = false;
    this.composer.focus();
  }
}

/** Return the length and the waveform (base64 of up to 256 loudness values) of a recording. */
export async function measure(blob) {
  const sound = new AudioContext();
  try {
    const decoded = await sound.decodeAudioData(await blob.arrayBuffer());
    const samples = decoded.getChannelData(0);
    const count = Math.max(1, Math.min(MOST_POINTS, Math.round(decoded.duration * 10)));
    const loud = Array.from({ length: count }, (_, number) => {
      const from = Math.floor((number * samples.length) / count);
      const to = Math.floor(((number + 1) * samples.length) / count);
      let sum = 0;
      for (let at = from; at < to; at += 1) sum += samples[at] * samples[at];
      return Math.sqrt(sum / Math.max(1, to - from));
    });
    const top = Math.max(...loud, 1e-4);
    return { seconds: decoded.duration, waveform: btoa(String.fromCharCode(...loud.map((each) => Math.round((each / top) * 255)))) };
  } catch {
    return { seconds: 0, waveform: "" };
  } finally {
    sound.close();
  }
}
