// Files under a message: pictures are shown, sound and film are played, others are links.

import { h } from "./dom.js";

// WORDS say what has become of a file.
const WORDS = {
  described: "Described", transcribed: "Transcribed", read: "Read", too_large: "Too large", unsupported: "Not supported",
  gone: "Gone", unreadable: "Unreadable", unseen: "Not looked at",
};
const GOOD = ["described", "transcribed", "read"];
const ALT = 250; // characters of a description that stand for the picture

const UNITS = ["B", "KB", "MB", "GB"];

// size is a number of bytes for people.
export function size(bytes) {
  let unit = 0;
  for (; bytes >= 1000 && unit < UNITS.length - 1; unit++) bytes /= 1000;
  return `${bytes < 10 && unit ? bytes.toFixed(1) : Math.round(bytes)} ${UNITS[unit]}`;
}

export function attachments(files) {
  if (!files?.length) return null;
  return h("ul", { class: "files", "aria-label": "Files" }, files.map((file) => h("li", {}, shown(file), verdict(file))));
}

// verdict says what Parley has made of a file; a long description opens.
function verdict(file) {
  if (!file.verdict) return null;
  const word = h("span", { class: GOOD.includes(file.verdict) ? "mark good" : "mark" }, WORDS[file.verdict] ?? file.verdict);
  const text = (file.description ?? "").trim();
  if (!text) return h("p", { class: "verdict" }, word);
  if (text.length <= ALT) return h("p", { class: "verdict" }, word, " ", alt(file));
  return h("details", { class: "verdict" }, h("summary", {}, word, " ", alt(file)), h("div", { class: "whole" }, text));
}

// alt is a description in one line.
function alt(file) {
  const text = (file.description ?? "").replace(/\s+/g, " ").trim();
  return text.length > ALT ? `${text.slice(0, ALT - 1)}…` : text;
}

function shown(file) {
  if (/^image\/(png|jpeg|gif|webp|avif)$/.test(file.type)) {
    return h("a", { href: file.url, target: "_blank", rel: "noreferrer" }, h("img", { src: file.url, alt: alt(file) || file.name, title: alt(file) || file.name, loading: "lazy" }));
  }
  if (/^audio\//.test(file.type)) return played(file, h("audio", { src: file.url, controls: true, preload: "none", "aria-label": file.name }));
  if (/^video\//.test(file.type)) return played(file, h("video", { src: file.url, controls: true, preload: "none", "aria-label": file.name }));
  return h("a", { class: "file", href: file.url, download: file.name }, h("b", {}, file.name), ` ${size(file.size)}`);
}

function played(file, player) {
  return h("figure", {}, player, h("figcaption", { class: "soft" }, `${file.name} · ${size(file.size)}`));
}
