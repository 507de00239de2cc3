// What this tab knows. `apply` takes the events of the socket; `on` tells of changes.

export const state = {
  me: null, app: null, people: [], guilds: [], faults: [], status: {}, cdn: "",
  channels: new Map(), threads: new Map(), users: new Map(), roles: new Map(), members: new Map(),
  messages: new Map(), more: new Map(), typing: new Map(), read: {}, ready: false,
};

const listeners = new Map();

export function on(name, listener) {
  if (!listeners.has(name)) listeners.set(name, new Set());
  listeners.get(name).add(listener);
  return () => listeners.get(name).delete(listener);
}

export function emit(name, detail) {
  for (const listener of [...(listeners.get(name) ?? [])]) listener(detail);
}

/** Compare two ids: they are numbers too big for numbers. */
export const older = (a, b) => (a.length === b.length ? (a < b ? -1 : Number(a > b)) : a.length - b.length);

export const place = (id) => state.channels.get(id) ?? state.threads.get(id);
export const isThread = (channel) => Boolean(channel?.thread_metadata);
export const name = (user) => user?.global_name ?? user?.username ?? "somebody";
export const local = (url) => (state.cdn && url.startsWith(`${state.cdn}/`) ? url.slice(state.cdn.length) : url);

/** Media of this host may be shown; anything else would be a request to the outside. */
export const isOwn = (url) => typeof url === "string" && (/^(blob:|\/(?!\/))/.test(local(url)) || url.startsWith(`${location.origin}/`));

export function mayWrite(channel) {
  if (isThread(channel)) return channel.may.send_in_threads && (!channel.thread_metadata.locked || channel.may.manage);
  return channel.may.send;
}

/** The messages of a channel, oldest first. */
export function messagesOf(channel) {
  const held = state.messages.get(channel);
  return held ? [...held.values()].sort((a, b) => older(a.id, b.id)) : [];
}

export const threadsOf = (channel) => [...state.threads.values()].filter((each) => each.parent_id === channel).sort((a, b) => older(b.id, a.id));

function remember(snapshot) {
  Object.assign(state, {
    me: snapshot.me, app: snapshot.app, people: snapshot.people, guilds: snapshot.guilds, cdn: snapshot.cdn,
  });
  if (snapshot.faults) state.faults = snapshot.faults;
  for (const held of [state.channels, state.threads, state.users, state.roles, state.members]) held.clear();
  for (const user of [snapshot.app, snapshot.me, ...snapshot.people]) state.users.set(user.id, user);
  for (const guild of snapshot.guilds) {
    for (const role of guild.roles) state.roles.set(role.id, role);
    for (const channel of guild.channels) state.channels.set(channel.id, channel);
    for (const thread of guild.threads) state.threads.set(thread.id, thread);
    for (const member of guild.members) {
      state.users.set(member.user.id, member.user);
      state.members.set(member.user.id, member);
    }
  }
  state.channels.set(snapshot.direct.id, snapshot.direct);
}

/** Tell whether a message is one of those that a thread's number counts. */
const counts = (message) => ![4, 18, 21].includes(message.type) && !(message.flags & (1 << 6));

/** Let go of deleted messages where others show them: above replies, and at the beginning of a thread. */
function orphan(ids) {
  for (const [channel, held] of state.messages) {
    for (const message of held.values()) {
      if (!ids.has(message.referenced_message?.id)) continue;
      held.set(message.id, { ...message, referenced_message: null });
      emit("messages", { channel, only: message.id });
    }
  }
}

const handlers = {
  READY(data) {
    remember(data);
    state.messages.clear();
    state.read = JSON.parse(localStorage.getItem(`read:${state.me.id}`) ?? "{}");
    state.ready = true;
    emit("ready");
  },
  STATE(data) {
    remember(data);
    emit("places");
  },
  STATUS(data) {
    state.status = data;
    emit("status");
  },
  HISTORY(data) {
    const held = state.messages.get(data.channel) ?? new Map();
    state.messages.set(data.channel, held);
    for (const message of data.messages) held.set(message.id, message);
    state.more.set(data.channel, data.more);
    emit("messages", { channel: data.channel, history: true });
  },
  MESSAGE_CREATE(data) {
    state.messages.get(data.channel_id)?.set(data.id, data);
    const channel = place(data.channel_id);
    if (channel) {
      channel.last_message_id = data.id;
      if (isThread(channel) && counts(data)) channel.message_count += 1;
    }
    stopTyping(data.channel_id, data.author.id);
    emit("messages", { channel: data.channel_id, created: data });
    if (isThread(channel)) emit("messages", { channel: channel.parent_id, only: data.channel_id });
  },
  MESSAGE_UPDATE(data) {
    const held = state.messages.get(data.channel_id);
    if (held?.has(data.id)) held.set(data.id, data);
    emit("messages", { channel: data.channel_id, only: data.id });
  },
  MESSAGE_DELETE(data) {
    handlers.MESSAGE_DELETE_BULK({ ...data, ids: [data.id] });
  },
  MESSAGE_DELETE_BULK(data) {
    const channel = place(data.channel_id);
    const held = state.messages.get(data.channel_id);
    for (const id of data.ids) {
      if (isThread(channel) && held?.has(id) && counts(held.get(id))) channel.message_count -= 1;
      held?.delete(id);
    }
    orphan(new Set(data.ids));
    emit("messages", { channel: data.channel_id, deleted: data.ids });
    if (isThread(channel)) emit("messages", { channel: channel.parent_id, only: data.channel_id });
  },
  MESSAGE_REACTION_ADD(data) {
    react(data, 1);
  },
  MESSAGE_REACTION_REMOVE(data) {
    react(data, -1);
  },
  THREAD_CREATE(data) {
    state.threads.set(data.id, data);
    emit("places");
    emit("messages", { channel: data.parent_id, only: data.id });
  },
  THREAD_UPDATE(data) {
    handlers.THREAD_CREATE(data);
  },
  THREAD_DELETE(data) {
    state.threads.delete(data.id);
    emit("places");
    emit("messages", { channel: data.parent_id, only: data.id });
  },
  TYPING_START(data) {
    if (data.user_id === state.me.id) return;
    const typing = state.typing.get(data.channel_id) ?? new Map();
    state.typing.set(data.channel_id, typing);
    clearTimeout(typing.get(data.user_id));
    typing.set(data.user_id, setTimeout(() => stopTyping(data.channel_id, data.user_id), 10_000));
    emit("typing", data.channel_id);
  },
};

/** Take an event of the socket. */
export function apply(kind, data) {
  handlers[kind]?.(data);
}

function stopTyping(channel, user) {
  const typing = state.typing.get(channel);
  if (!typing?.has(user)) return;
  clearTimeout(typing.get(user));
  typing.delete(user);
  emit("typing", channel);
}

function react(data, change) {
  const held = state.messages.get(data.channel_id);
  const message = held?.get(data.message_id);
  if (!message) return;
  const reactions = (message.reactions ?? []).map((each) => ({ ...each }));
  let found = reactions.find((each) => each.emoji.name === data.emoji.name);
  if (!found) reactions.push((found = { emoji: data.emoji, count: 0, me: false }));
  found.count += change;
  if (data.user_id === state.me.id) found.me = change > 0;
  held.set(message.id, { ...message, reactions: reactions.filter((each) => each.count > 0) });
  emit("messages", { channel: data.channel_id, only: message.id });
}

/** Note that everything in a channel was seen. */
export function markRead(channel) {
  const last = place(channel)?.last_message_id;
  if (!last || state.read[channel] === last) return;
  state.read[channel] = last;
  localStorage.setItem(`read:${state.me.id}`, JSON.stringify(state.read));
  emit("read", channel);
}

export function isUnread(channel) {
  const last = place(channel)?.last_message_id;
  return Boolean(last) && (!state.read[channel] || older(last, state.read[channel]) > 0);
}
