// Mentions and special forms inside a text, as both platforms write them: <@U1>, <#C1>, <!here>, <t:1700000000:R>.

import { h } from "./dom.js";

const FORM = /<(?:@!?([A-Z0-9]+)(?:\|[^>]*)?|#([A-Z0-9]+)(?:\|[^>]*)?|!(here|channel|everyone)(?:\|[^>]*)?|t:(-?\d{1,12})(?::[a-zA-Z])?)>/y;

// entityAt reads the form that starts at this place of text; it returns {node, length} or null.
export function entityAt(text, at, side, me) {
  FORM.lastIndex = at;
  const match = FORM.exec(text);
  if (!match) return null;
  const [whole, user, channel, group, time] = match;
  let node;
  if (user) node = mention(`@${side.user(user).name}`, user === me);
  else if (channel) node = mention(`#${side.channels.get(channel)?.name ?? channel}`, false);
  else if (group) node = mention(`@${group}`, true);
  else node = h("time", {}, new Date(Number(time) * 1000).toLocaleString());
  return { node, length: whole.length };
}

function mention(text, mine) {
  return h("span", { class: mine ? "mention mine" : "mention" }, text);
}

// unescape turns Slack's three entities back into the characters that they stand for.
export function unescape(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

// plain is a text as its author typed it: for the edit box and for one-line quotes.
export function plain(text, side, platform) {
  const named = text
    .replace(/<@!?([A-Z0-9]+)(?:\|[^>]*)?>/g, (_, id) => `@${side.user(id).name}`)
    .replace(/<#([A-Z0-9]+)(?:\|[^>]*)?>/g, (_, id) => `#${side.channels.get(id)?.name ?? id}`);
  if (platform !== "slack") return named;
  return unescape(named
    .replace(/<!(here|channel|everyone)(?:\|[^>]*)?>/g, "@$1")
    .replace(/<((?:https?|mailto):[^|>]*)(?:\|[^>]*)?>/g, "$1"));
}
