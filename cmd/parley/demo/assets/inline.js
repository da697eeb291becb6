// Inline Markdown to DOM nodes, in three flavours: "markdown" (CommonMark, Slack's markdown blocks), "discord" and
// "mrkdwn" (what people type in Slack). It never reads HTML, and links lead only to http, https and mailto.

import { h } from "./dom.js";
import { entityAt, unescape } from "./entity.js";
import { jump } from "./jump.js";

const CODE = /(`+)([^]*?[^`])\1(?!`)/y;
const ESCAPED = /\\([!-/:-@[-`{-~])/y;
const BARE = /https?:\/\/[^\s<>]*[^\s<>.,;:!?'")\]}*_~]/y;
const LINK = /!?\[([^\]\n]{0,500})\]\(\s*<?([^\s)>]{1,2000})>?(?:\s+"[^"\n]{0,200}")?\s*\)/y;
const ANGLE = /<((?:https?|mailto):[^|>\s]{1,2000})(?:\|([^>\n]{0,500}))?>/y;

const span = (tag, re) => ({ re, make: (match, inner) => h(tag, {}, inner(match[1])) });
const RULES = {
  markdown: [
    span("strong", /\*\*(?=\S)([^]*?[^\s*]\*?)\*\*(?!\*)/y), span("strong", /__(?=\S)([^]*?\S)__(?!\w)/y),
    span("em", /\*(?=[^\s*])([^]*?[^\s*])\*(?!\*)/y), span("em", /_(?=[^\s_])([^]*?[^\s_])_(?!\w)/y), span("s", /~~(?=\S)([^]*?\S)~~/y),
  ],
  discord: [
    span("strong", /\*\*(?=\S)([^]*?[^\s*]\*?)\*\*(?!\*)/y), span("u", /__(?=\S)([^]*?\S)__(?!\w)/y),
    span("em", /\*(?=[^\s*])([^]*?[^\s*])\*(?!\*)/y), span("em", /_(?=[^\s_])([^]*?[^\s_])_(?!\w)/y), span("s", /~~(?=\S)([^]*?\S)~~/y),
    { re: /\|\|([^]+?)\|\|/y, make: (match, inner) => h("span", { class: "spoiler", tabindex: 0, title: "Spoiler" }, inner(match[1])) },
  ],
  mrkdwn: [
    span("strong", /\*(?=[^\s*])([^*\n]*?[^\s*])\*(?!\w)/y), span("em", /_(?=[^\s_])([^_\n]*?[^\s_])_(?!\w)/y), span("s", /~(?=[^\s~])([^~\n]*?[^\s~])~(?!\w)/y),
  ],
};

// inline returns the nodes of one paragraph of text.
export function inline(text, flavour, side, me, depth = 0) {
  const nodes = [];
  let plain = "";
  const flush = () => {
    if (plain) nodes.push(flavour === "mrkdwn" ? unescape(plain) : plain);
    plain = "";
  };
  const take = (node, length) => {
    flush();
    nodes.push(node);
    at += length;
  };
  let at = 0;
  while (at < text.length) {
    const found = special(text, at, flavour, side, me, depth);
    if (found) take(found.node, found.length);
    else plain += text[at++];
  }
  flush();
  return nodes;
}

function special(text, at, flavour, side, me, depth) {
  const match = (re) => {
    re.lastIndex = at;
    return re.exec(text);
  };
  let m;
  switch (text[at]) {
    case "\n": return { node: h("br"), length: 1 };
    case "`": return (m = match(CODE)) && { node: h("code", {}, code(m[2], flavour)), length: m[0].length };
    case "\\": return flavour !== "mrkdwn" && (m = match(ESCAPED)) ? { node: m[1], length: 2 } : null;
    case "<":
      if ((m = match(ANGLE))) return { node: link(m[1], m[2] ?? m[1], flavour, side), length: m[0].length };
      return entityAt(text, at, side, me);
    case "h": return (m = match(BARE)) && edge(text, at) ? { node: link(m[0], m[0], flavour, side), length: m[0].length } : null;
    case "!":
    case "[": return flavour !== "mrkdwn" && (m = match(LINK)) ? { node: link(m[2], m[1] || m[2], flavour, side), length: m[0].length } : null;
  }
  if (depth > 6 || !"*_~|".includes(text[at]) || (text[at] === "_" && !edge(text, at))) return null;
  for (const rule of RULES[flavour]) {
    if ((m = match(rule.re))) {
      return { node: rule.make(m, (part) => inline(part, flavour, side, me, depth + 1)), length: m[0].length };
    }
  }
  return null;
}

// edge says that no word runs into this place.
const edge = (text, at) => at === 0 || !/\w/.test(text[at - 1]);

const code = (text, flavour) => (flavour === "mrkdwn" ? unescape(text) : text);

// link shows where it leads: a label that is not the address gets the address as its title.
function link(address, label, flavour, side) {
  const href = flavour === "mrkdwn" ? unescape(address) : address;
  const text = flavour === "mrkdwn" ? unescape(label) : label;
  const inside = jump(href, text, side);
  if (inside) return inside;
  if (!/^(https?:\/\/|mailto:)/i.test(href)) return document.createTextNode(text);
  return h("a", { href, title: href, target: "_blank", rel: "noopener noreferrer nofollow" }, text);
}
