// What the page asks of the server. Each call ends with the parsed answer or throws an Error with the server's sentence.

async function call(method, path, body) {
  let response;
  try {
    response = await fetch(path, { method, body, credentials: "same-origin" });
  } catch {
    throw new Error("The demo server does not answer. Is it still running?");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `The server answered ${response.status}.`);
  return answer;
}

function form(fields, files = []) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value) data.append(name, value);
  for (const file of files) data.append("file", file, file.name);
  return data;
}

// post says something; it returns {id} of the new message.
export const post = (fields, files) => call("POST", "api/messages", form(fields, files));

// edit gives a message of one's own a new text.
export const edit = (fields) => call("PUT", "api/messages", form(fields));

// remove deletes a message of one's own.
export const remove = (fields) => call("DELETE", `api/messages?${new URLSearchParams(fields)}`);

// startThread opens a Discord thread from a message; it returns {id} of the thread.
export const startThread = (fields) => call("POST", "api/threads", form(fields));

// command gives a slash command; files go with it where the platform takes them.
export const command = (fields, files) => call("POST", "api/commands", form(fields, files));

// choose picks {command} from the menu of message {id}.
export const choose = (fields) => call("POST", "api/menu", form(fields));

// press presses {button} under message {id}.
export const press = (fields) => call("POST", "api/buttons", form(fields));

// stop presses Slack's own stop button; {id} is the thread that is being answered.
export const stop = (fields) => call("POST", "api/stops", form(fields));
