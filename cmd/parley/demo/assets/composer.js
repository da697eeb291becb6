// The box in which a person writes: Enter sends, Shift+Enter begins a new line, files come by button, drop or paste.

import { size } from "./attachment.js";
import { h, place } from "./dom.js";
import { Palette } from "./palette.js";

export class Composer {
  #files = [];
  #note = null;

  // send is called with (text, files) and returns a promise; the draft stays when it fails. commands returns what can be
  // typed after a slash.
  constructor({ label, hint, mention, send, cancel, commands = () => [] }) {
    this.send = send;
    this.text = h("textarea", {
      rows: 1, placeholder: hint, "aria-label": label, enterkeyhint: "send", autocomplete: "off",
      oninput: () => this.#typed(),
      onkeydown: (event) => this.#key(event, cancel),
      onpaste: (event) => this.#take(event, event.clipboardData),
    });
    this.palette = new Palette(this.text, commands, (text) => this.fill(text));
    this.picker = h("input", { type: "file", multiple: true, hidden: true, onchange: () => this.#pick() });
    this.chips = h("ul", { class: "chips", "aria-label": "Files to send" });
    this.top = h("div", { class: "note", hidden: true });
    this.problem = h("p", { class: "problem", role: "alert", hidden: true });
    this.root = h("form", {
      class: "composer", onsubmit: (event) => this.#submit(event),
      ...this.dropped(),
    },
    this.palette.root, this.top, this.chips, this.text,
    h("div", { class: "row" },
      h("button", { type: "button", class: "plain clip", title: "Add files", "aria-label": "Add files", onclick: () => this.picker.click() }),
      mention && h("button", { type: "button", class: "plain", title: `Mention ${mention}`, onclick: () => this.insert(`${mention} `) }, mention),
      h("span", { class: "keys" }, "Enter sends · Shift+Enter new line"),
      h("button", { type: "submit", class: "send", "aria-label": "Send" }, "Send")),
    this.picker, this.problem);
  }

  // dropped are the listeners of an element onto which files may be dropped.
  dropped() {
    return {
      ondragover: (event) => this.#drag(event, true), ondragleave: (event) => this.#drag(event, false),
      ondrop: (event) => this.#take(event, event.dataTransfer),
    };
  }

  // fill replaces the draft and moves the cursor to its end.
  fill(text) {
    this.text.value = text;
    this.#typed();
    this.focus();
  }

  insert(text) {
    const { selectionStart: start, selectionEnd: end, value } = this.text;
    const space = start > 0 && !/\s/.test(value[start - 1]) ? " " : "";
    this.text.setRangeText(space + text, start, end, "end");
    this.#fit();
    this.focus();
  }

  focus() {
    this.text.focus();
    this.text.setSelectionRange(this.text.value.length, this.text.value.length);
  }

  hint(text) {
    if (this.text.placeholder !== text) this.text.placeholder = text;
  }

  // note shows what the draft answers, with a button that forgets it; null hides it.
  note(text, forget) {
    this.#note = text;
    this.top.hidden = !text;
    if (text) place(this.top, [h("span", {}, text), h("button", { type: "button", class: "plain", "aria-label": "Do not reply to it", onclick: forget }, "✕")]);
    this.forget = text ? forget : null;
  }

  #typed() {
    this.#fit();
    this.palette.update();
  }

  #key(event, cancel) {
    if (this.palette.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.root.requestSubmit();
    } else if (event.key === "Escape") {
      (this.#note ? this.forget : cancel)?.();
    }
  }

  #fit() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, 180)}px`;
  }

  #pick() {
    this.#add(this.picker.files);
    this.picker.value = "";
  }

  #drag(event, over) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation();
    this.root.classList.toggle("over", over);
  }

  #take(event, data) {
    this.root.classList.remove("over");
    if (!data?.files?.length) return;
    event.preventDefault();
    event.stopPropagation();
    this.#add(data.files);
  }

  #add(files) {
    this.#files.push(...files);
    this.#showFiles();
    this.focus();
  }

  #showFiles() {
    place(this.chips, this.#files.map((file) => h("li", {}, this.#preview(file), `${file.name} · ${size(file.size)} `,
      h("button", { type: "button", class: "plain", "aria-label": `Leave out ${file.name}`, onclick: () => this.#drop(file) }, "✕"))));
  }

  // preview shows a picture before it is sent; others have none.
  #preview(file) {
    if (!/^image\/(png|jpeg|gif|webp)$/.test(file.type)) return null;
    const address = URL.createObjectURL(file);
    const done = () => URL.revokeObjectURL(address);
    const image = h("img", { src: address, alt: "", onload: done, onerror: () => { done(); image.remove(); } });
    return image;
  }

  #drop(file) {
    this.#files = this.#files.filter((other) => other !== file);
    this.#showFiles();
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.text.value.trim();
    const files = this.#files;
    if ((!text && !files.length) || this.busy) return;
    this.busy = true;
    this.problem.hidden = true;
    try {
      await this.send(text, files);
      this.#files = [];
      this.#showFiles();
      this.fill("");
    } catch (error) {
      this.problem.textContent = error.message;
      this.problem.hidden = false;
    } finally {
      this.busy = false;
    }
  }
}
