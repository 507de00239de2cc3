// One WebSocket; it comes back by itself, each time a little later.

import { who } from "/page/static/api.js";
import { apply, emit } from "/page/static/state.js";

const FIRST_WAIT = 300;
const LONGEST_WAIT = 5000;
const UNKNOWN_PERSON = 4004;
let socket = null;
let wait = FIRST_WAIT;

export function connect() {
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/page/socket?user=${encodeURIComponent(who)}`);
  socket.onmessage = (event) => {
    wait = FIRST_WAIT;
    const { t, d } = JSON.parse(event.data);
    apply(t, d);
  };
  socket.onclose = (event) => {
    emit("connection", { open: false, unknown: event.code === UNKNOWN_PERSON });
    setTimeout(connect, wait + Math.random() * 200);
    wait = Math.min(wait * 1.7, LONGEST_WAIT);
  };
  socket.onopen = () => emit("connection", { open: true });
}

/** Ask for messages of a channel, those before one or the newest. They come as an event. */
export function ask(channel, before = null, limit = 50) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ channel, before, limit }));
}
