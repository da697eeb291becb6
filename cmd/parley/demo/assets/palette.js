// The list of slash commands that stands above the message box while a command is being typed.

import { h, place } from "./dom.js";

let count = 0;

export class Palette {
  #found = [];
  #at = 0;

  // commands returns [{name, hint, description}]; pick is called with the name of the chosen one.
  constructor(box, commands, pick) {
    Object.assign(this, { box, commands, pick });
    this.root = h("div", { class: "palette", hidden: true });
    this.list = h("div", { role: "listbox", id: `palette-${++count}`, "aria-label": "Commands" });
    this.hint = h("p", { class: "usage", hidden: true });
    this.root.append(this.list, this.hint);
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", this.list.id);
  }

  // update follows what is being typed.
  update() {
    const text = this.box.value;
    const name = /^\/[\w-]*/.exec(text)?.[0];
    const all = name === undefined ? [] : this.commands();
    this.#found = name === text ? all.filter((command) => command.name.startsWith(name.toLowerCase())) : [];
    this.#at = 0;
    const given = name !== text && all.find((command) => command.name === name);
    this.hint.hidden = !given;
    if (given) place(this.hint, [h("b", {}, given.name), ` ${given.hint ?? ""}`]);
    this.#draw();
  }

  // key moves through the list or picks; it says whether the key was for the list.
  key(event) {
    if (!this.#found.length) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.#at = (this.#at + step + this.#found.length) % this.#found.length;
      this.#draw();
    } else if (event.key === "Tab" || (event.key === "Enter" && this.box.value !== this.#found[this.#at].name)) {
      this.#choose(this.#found[this.#at]);
    } else if (event.key === "Escape") {
      this.#found = [];
      this.#draw();
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }

  #choose(command) {
    this.pick(`${command.name} `);
  }

  #draw() {
    this.root.hidden = !this.#found.length && this.hint.hidden;
    place(this.list, this.#found.map((command, i) => h("div", {
      role: "option", id: `${this.list.id}-${i}`, "aria-selected": String(i === this.#at), onpointerdown: (event) => { event.preventDefault(); this.#choose(command); },
    }, h("b", {}, command.name), " ", h("span", { class: "soft" }, command.description))));
    if (this.#found.length) this.box.setAttribute("aria-activedescendant", `${this.list.id}-${this.#at}`);
    else this.box.removeAttribute("aria-activedescendant");
  }
}
