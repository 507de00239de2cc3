// What people do goes to the server as small posts; what comes of it arrives over the socket.

import { sentence } from "/page/static/sentences.js";

export const who = new URLSearchParams(location.search).get("user") ?? "";

export class Refused extends Error {
  constructor(code, values) {
    super(sentence(code, values));
    this.code = code;
  }
}

const address = (name) => `/page/api/${name}?user=${encodeURIComponent(who)}`;

/** Do something as the person of this tab. Raises Refused, whose message is for people. */
export async function act(name, body) {
  let response;
  try {
    response = await fetch(address(name), {
      method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" },
    });
  } catch {
    throw new Refused("offline");
  }
  return outcome(response.ok, await response.json().catch(() => ({})));
}

/** The same with files: `files` is a list of [field, file, name]; `onprogress` gets 0 to 1. */
export function upload(name, body, files, onprogress = () => {}) {
  const form = new FormData();
  form.append("payload_json", JSON.stringify(body));
  for (const [field, file, filename] of files) form.append(field, file, filename ?? file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address(name));
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && onprogress(event.loaded / event.total);
    request.onerror = () => reject(new Refused("offline"));
    request.onload = () => {
      try {
        resolve(outcome(request.status < 400, request.response ?? {}));
      } catch (error) {
        reject(error);
      }
    };
    request.send(form);
  });
}

export async function look(path) {
  try {
    const response = await fetch(`/page/api/${path}`);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

function outcome(ok, body) {
  if (ok) return body;
  throw new Refused(body.code ?? "offline", body.values);
}
