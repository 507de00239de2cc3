// What stands above the first message of a channel.

import { look } from "/page/static/api.js";
import { h, icon } from "/page/static/dom.js";
import { sampleCards } from "/page/static/samples.js";
import { isThread, mayWrite, name, state } from "/page/static/state.js";

export function welcome(channel, pane) {
  if (!channel) return h("div", { class: "welcome" });
  if (isThread(channel)) {
    return h("div", { class: "welcome" }, h("div", { class: "welcome-mark" }, icon("thread")), h("h2", {}, channel.name), h("p", {}, "This is where the thread begins."));
  }
  const direct = channel.type === 1;
  const box = h("div", { class: "welcome" },
    h("div", { class: "welcome-mark" }, icon(direct ? "at" : "hash")),
    h("h2", {}, direct ? `You and ${channel.name}` : `Welcome to #${channel.name}`),
    h("p", {}, channel.topic ?? (direct ? `Only you and ${name(state.app)} read this.` : "Say something, drop a file, or record a voice note.")));
  if (!direct && !channel.bot_may.send) box.append(h("p", { class: "warning" }, icon("lock"), channel.bot_may.view ? "The bot may look in here, but has no right to answer." : "The bot has no rights here: it does not even see this channel."));
  if (mayWrite(channel)) {
    look("samples").then((samples) => {
      if (samples?.length) box.append(h("h3", {}, "Nothing at hand? Try one of these"), sampleCards(samples, (file) => pane.composer.attach([file])));
    });
  }
  return box;
}
