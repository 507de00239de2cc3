// "What happened": the newest job step by step, what the models were sent, and buttons that break things.

import { act, look } from "/page/static/api.js";
import { h, icon, iconButton } from "/page/static/dom.js";
import { isOwn, on, state } from "/page/static/state.js";
import { toast, trying } from "/page/static/toasts.js";

const EVERY = 1000;
const FAULTS = {
  "next-model-call-fails": ["The next model call fails", "Does the bot try again, and what does it tell you?"],
  "model-slow": ["The models are slow", "The next answer takes twelve seconds more. Watch the card; press Stop."],
  "gateway-cut": ["Cut the gateway", "The bot's connection breaks. Nothing may be lost."],
  "model-refuses": ["The next model refuses", "As a safety system does. What does the bot tell you?"],
  "discord-500": ["Discord answers 500", "The bot's next messages fail at Discord."],
  "discord-slow": ["Discord is slow", "The bot's next message takes a while. Nothing may stand there twice."],
  "bot-killed": ["Kill the bot", "As in a power cut. It comes back and finishes what it had taken on."],
  "clear": ["Mend everything", "Take all of it back."],
};

const MODEL_FAULTS = new Set(["next-model-call-fails", "model-slow", "model-refuses"]);

const money = (usd) => (usd === null ? "no price" : usd ? `$${usd < 0.01 ? usd.toFixed(5) : usd.toFixed(3)}` : "$0");
const seconds = (value) => (value === null || value === undefined ? "…" : `${value < 10 ? value.toFixed(2) : value.toFixed(1)} s`);

export class Panel {
  constructor(onclose) {
    this.shown = "";
    this.job = h("div", { class: "panel-job", "aria-live": "polite" });
    const kinds = Object.keys(FAULTS).filter((each) => !state.faults.length || state.faults.includes(each));
    const models = kinds.filter((each) => MODEL_FAULTS.has(each));
    const buttons = new Map(kinds.map((kind) => [kind, h("button", { type: "button", class: kind === "clear" ? "fault clear" : "fault", onclick: () => this.fault(kind) }, h("b", {}, FAULTS[kind][0]), h("small", {}, FAULTS[kind][1]))]));
    const only = h("p", { class: "note" }, "These models cannot be made to fail: start ./dev playground --scripted for that.");
    // Faults of models are those of the scripted ones; with others their buttons would do nothing.
    this.fit = () => {
      // What was armed and has struck is over: the playground tells, also after a reload of the page.
      for (const [kind, button] of buttons) button.classList.toggle("armed", (state.status.armed ?? []).includes(kind));
      const scripted = (state.status.engine ?? "scripted") === "scripted";
      for (const each of models) buttons.get(each).hidden = !scripted;
      only.hidden = scripted || !models.length;
    };
    this.fit();
    this.leave = on("status", this.fit);
    this.element = h("section", { class: "panel", "aria-label": "What happened" },
      h("header", { class: "pane-head" }, icon("pulse"), h("h2", {}, "What happened"), iconButton("close", "Close", onclose)),
      h("div", { class: "panel-body" }, this.job,
        h("h3", {}, "Make something go wrong"),
        h("div", { class: "faults" }, [...buttons.values()]), only));
    this.refresh();
    this.timer = setInterval(() => document.visibilityState === "visible" && this.refresh(), EVERY);
  }

  close() {
    clearInterval(this.timer);
    this.leave();
    this.element.remove();
  }

  async fault(kind) {
    if (await trying(() => act("fault", { kind }))) {
      toast(kind === "clear" ? "Everything is whole again." : `Done: ${FAULTS[kind][0].toLowerCase()}.`, "good");
    }
  }

  async refresh() {
    const trace = await look("trace?job=newest");
    const told = JSON.stringify(trace);
    if (told === this.shown) return;
    this.shown = told;
    const opened = new Set([...this.job.querySelectorAll("details[open]")].map((each) => each.dataset.key));
    this.job.replaceChildren(...(trace?.job ? job(trace) : [h("p", { class: "note" }, "Nothing yet. Post a picture, a voice note or a video, and see here what the bot does with it.")]));
    for (const each of this.job.querySelectorAll("details")) each.open = opened.has(each.dataset.key);
  }
}

/** Return a step's name as words: `describe#0` is the first of several. */
const stepName = (name) => name.replaceAll("_", " ").replace(/#(\d+)/g, (_, number) => ` ${Number(number) + 1}`);

function job(trace) {
  const timed = [...trace.steps, ...trace.calls].filter((each) => each.started !== null);
  const starts = timed.map((each) => each.started);
  const first = Math.min(...starts);
  const last = Math.max(...timed.map((each) => each.started + (each.seconds ?? 0)));
  const span = Math.max(last - first, 0.001);
  const bar = (each) => h("span", { class: "lane" }, h("i", { class: each.error ? "bad" : each.seconds === null ? "running" : "", css: { "--from": `${((each.started - first) / span) * 100}%`, "--width": `${Math.max(((each.seconds ?? last - each.started) / span) * 100, 1)}%` } }));
  return [
    h("div", { class: "job-head" }, h("span", { class: `state ${trace.state}` }, trace.state), h("span", {}, seconds(starts.length ? span : 0)), h("b", {}, money(trace.total_usd)), h("code", { title: "The job's id" }, trace.job)),
    h("ol", { class: "steps" }, trace.steps.map((each) => h("li", { class: each.error ? "failed" : "" }, h("span", { class: "step-name" }, stepName(each.name)), h("span", { class: "step-time" }, seconds(each.seconds)), bar(each), each.error ? h("p", { class: "step-error" }, each.error) : null))),
    trace.calls.length ? h("h3", {}, state.status.engine === "scripted" ? "Model calls, played by the scripted models: nothing was paid" : "Model calls") : null,
    ...trace.calls.map((each, number) => call(each, number)),
  ].filter(Boolean);
}

function call(each, number) {
  const sent = each.sent ?? [];
  const part = (label, text) => (text ? h("div", { class: "said" }, h("small", {}, label), h("pre", {}, text)) : null);
  return h("details", { class: "call", dataset: { key: String(number) } },
    h("summary", {}, h("b", {}, each.role), h("span", { class: "model" }, each.model), h("span", {}, seconds(each.seconds)), h("span", {}, money(each.usd))),
    h("small", {}, `${each.tokens_in ?? 0} tokens in, ${each.tokens_out ?? 0} out`),
    sent.length ? h("div", { class: "sent" }, sent.map((medium) => (!isOwn(medium.url) ? null : medium.kind === "sound" ? h("audio", { controls: true, src: medium.url, preload: "none", "aria-label": "Sound that the model was sent" }) : h("img", { src: medium.url, alt: "Picture that the model was sent", loading: "lazy" })))) : null,
    part("was told", each.said), part("answered", each.answered));
}
