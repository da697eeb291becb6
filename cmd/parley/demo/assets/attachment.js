// Files under a message: pictures are shown, sound and film are played, others are links.

import { h } from "./dom.js";

const UNITS = ["B", "KB", "MB", "GB"];

// size is a number of bytes for people.
export function size(bytes) {
  let unit = 0;
  for (; bytes >= 1000 && unit < UNITS.length - 1; unit++) bytes /= 1000;
  return `${bytes < 10 && unit ? bytes.toFixed(1) : Math.round(bytes)} ${UNITS[unit]}`;
}

export function attachments(files) {
  if (!files?.length) return null;
  return h("ul", { class: "files", "aria-label": "Files" }, files.map((file) => h("li", {}, shown(file))));
}

function shown(file) {
  if (/^image\/(png|jpeg|gif|webp)$/.test(file.type)) {
    return h("a", { href: file.url, target: "_blank", rel: "noreferrer" }, h("img", { src: file.url, alt: file.name, loading: "lazy" }));
  }
  if (/^audio\//.test(file.type)) return h("audio", { src: file.url, controls: true, preload: "none", title: file.name });
  if (/^video\//.test(file.type)) return h("video", { src: file.url, controls: true, preload: "none", title: file.name });
  return h("a", { class: "file", href: file.url, download: file.name }, h("b", {}, file.name), ` ${size(file.size)}`);
}
