// Things to try first: each button leads to its place and writes the draft; sending stays with the person.

import { h, place } from "./dom.js";

export class Suggestions {
  #shown = null;

  // pick is called with the chosen suggestion {label, channel, thread, text}.
  constructor(platform, pick) {
    this.key = `parley.tried.${platform}`;
    this.pick = pick;
    this.root = h("div", { class: "suggestions", role: "group", "aria-label": "Things to try" });
  }

  show(list) {
    const hidden = sessionStorage.getItem(this.key) !== null || !list?.length;
    this.root.hidden = hidden;
    const now = JSON.stringify(list ?? []);
    if (hidden || this.#shown === now) return;
    this.#shown = now;
    place(this.root, [
      h("span", { class: "soft" }, "Try"),
      h("div", { class: "chips-row" }, list.map((suggestion) => h("button", { type: "button", class: "chip", title: suggestion.text, onclick: () => this.pick(suggestion) }, suggestion.label))),
      h("button", { type: "button", class: "plain", "aria-label": "Hide the suggestions", onclick: () => this.#hide() }, "✕"),
    ]);
  }

  #hide() {
    sessionStorage.setItem(this.key, "hidden");
    this.root.hidden = true;
  }
}
