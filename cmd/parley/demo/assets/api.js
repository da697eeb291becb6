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
