// Block Markdown to DOM nodes: paragraphs, headings, fenced code, lists, quotes, tables, rules. A text that is still
// being written is read as far as it goes: a fence without an end runs to the end.

import { h } from "./dom.js";
import { unescape } from "./entity.js";
import { inline } from "./inline.js";

const FENCE = /^\s{0,3}(```+|~~~+)\s*([\w+#.-]*)[^`]*$/;
const ITEM = /^(\s*)([-*+•]|\d{1,9}[.)])\s+(.*)$/;
const HEADING = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*$/;
const QUOTE = /^\s{0,3}(?:>|&gt;)\s?(.*)$/;
const RULE = /^\s{0,3}([-*_])\s*(?:\1\s*){2,}$/;
const DIVIDER = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

// markdown returns the nodes of text. flavour is "markdown", "discord" or "mrkdwn"; side names the people, me is the
// reader's own id.
export function markdown(text, flavour, side, me) {
  const words = (part) => inline(part, flavour, side, me);
  return blocks(text.replaceAll("\r\n", "\n").split("\n"), flavour, words, 0);
}

function blocks(lines, flavour, words, depth) {
  const nodes = [];
  let paragraph = [];
  const flush = () => {
    if (paragraph.length) nodes.push(h("p", {}, words(paragraph.join("\n"))));
    paragraph = [];
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    const rest = lines.slice(i);
    let taken = null;
    let match;
    if (!line.trim()) {
      flush();
    } else if ((match = FENCE.exec(line))) {
      taken = fence(rest, match, flavour);
    } else if (flavour !== "mrkdwn" && (match = HEADING.exec(line))) {
      taken = { node: h(`h${Math.min(match[1].length + 2, 6)}`, {}, words(match[2])), count: 1 };
    } else if (flavour !== "mrkdwn" && RULE.test(line)) {
      taken = { node: h("hr"), count: 1 };
    } else if (QUOTE.test(line) && depth < 4) {
      taken = quote(rest, flavour, words, depth);
    } else if (ITEM.test(line) && depth < 6) {
      taken = list(rest, flavour, words, depth);
    } else if (flavour !== "mrkdwn" && line.includes("|") && DIVIDER.test(rest[1] ?? "")) {
      taken = table(rest, words);
    } else {
      paragraph.push(line.trimStart());
    }
    if (taken) {
      flush();
      nodes.push(taken.node);
      i += taken.count - 1;
    }
  }
  flush();
  return nodes;
}

function fence(lines, match, flavour) {
  const close = new RegExp(`^\\s{0,3}${match[1][0]}{${match[1].length},}\\s*$`);
  let end = lines.findIndex((line, i) => i > 0 && close.test(line));
  const open = end < 0;
  if (open) end = lines.length;
  const body = lines.slice(1, end).join("\n");
  const node = h("pre", { "data-language": match[2] || null, tabindex: 0 }, h("code", {}, flavour === "mrkdwn" ? unescape(body) : body));
  return { node, count: open ? end : end + 1 };
}

function quote(lines, flavour, words, depth) {
  const inner = [];
  for (const line of lines) {
    const match = QUOTE.exec(line);
    if (!match) break;
    inner.push(match[1]);
  }
  return { node: h("blockquote", {}, blocks(inner, flavour, words, depth + 1)), count: inner.length };
}

function list(lines, flavour, words, depth) {
  const first = ITEM.exec(lines[0]);
  const indent = first[1].length;
  const ordered = /\d/.test(first[2]);
  const items = [];
  let count = 0;
  for (const line of lines) {
    const match = ITEM.exec(line);
    if (match && match[1].length <= indent + 1) {
      if (match[1].length < indent || /\d/.test(match[2]) !== ordered) break;
      items.push([match[3]]);
    } else if (line.trim() && /^\s{2,}/.test(line)) {
      items.at(-1).push(line.slice(Math.min(indent + 2, line.search(/\S/))));
    } else if (line.trim() || !ITEM.test(lines[count + 1] ?? "")) {
      break;
    }
    count++;
  }
  const start = ordered ? parseInt(first[2], 10) : null;
  const node = h(ordered ? "ol" : "ul", { start: start !== 1 ? start : null }, items.map((item) => h("li", {}, tight(item, flavour, words, depth))));
  return { node, count };
}

// tight shows an item's first paragraph without the space of a paragraph.
function tight(lines, flavour, words, depth) {
  const task = /^\[([ xX])\]\s+/.exec(lines[0]);
  if (task) lines = [lines[0].slice(task[0].length), ...lines.slice(1)];
  const [head, ...rest] = blocks(lines, flavour, words, depth + 1);
  const nodes = head?.tagName === "P" ? [...head.childNodes, ...rest] : [head, ...rest];
  if (!task) return nodes;
  return [h("span", { class: "task", role: "img", "aria-label": task[1] === " " ? "open" : "done" }, task[1] === " " ? "☐ " : "☑ "), ...nodes];
}

function table(lines, words) {
  const rows = [];
  for (const line of lines) {
    if (!line.includes("|")) break;
    rows.push(line);
  }
  const cells = (line) => line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
  const row = (line, tag) => h("tr", {}, cells(line).map((cell) => h(tag, {}, words(cell))));
  const node = h("div", { class: "table", tabindex: 0 },
    h("table", {}, h("thead", {}, row(rows[0], "th")), h("tbody", {}, rows.slice(2).map((line) => row(line, "td")))));
  return { node, count: rows.length };
}
