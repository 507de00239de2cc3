// Buttons, selects, commands and forms, from a click to the bot's answer.

import { act } from "/page/static/api.js";
import { modal } from "/page/static/modal.js";
import { toast } from "/page/static/toasts.js";

/** Press a button or choose from a select of a message. */
export async function press(message, customId, values, element) {
  await answering(element, () => act("press", { channel: message.channel_id, message: message.id, custom_id: customId, values }));
}

/** Use an entry of a context menu of a message, or of a person in a channel. */
export async function useMenu(name, channel, target) {
  await answering(null, () => act("menu", { name, channel, ...target }));
}

/** Do something that the bot answers; shows a form when that is the answer. True: it was answered. */
export async function answering(element, doing) {
  element?.setAttribute("aria-busy", "true");
  try {
    const answer = await doing();
    if (answer.modal) modal(answer.modal, answer.id);
    return true;
  } catch (error) {
    toast(error.message);
    return false;
  } finally {
    element?.removeAttribute("aria-busy");
  }
}
