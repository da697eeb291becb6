// A Slack thread, shown under its first message: the last replies, the line that says what the bot is doing, and a box
// to answer in.

import { Composer } from "./composer.js";
import { h, place } from "./dom.js";

const SHOWN = 4;

export class Replies {
  #open = false;
  #all = false;

  // panel gives {messageNodes, statusNode, post, mention, render}.
  constructor(panel, root) {
    this.panel = panel;
    this.root = root;
    this.node = h("section", { class: "replies", "aria-label": "Thread" });
    this.list = h("div", { class: "list" });
    this.more = h("button", { type: "button", class: "more", onclick: () => this.expand() });
    this.start = h("button", { type: "button", class: "more", onclick: () => this.open() }, "Reply in thread");
    this.composer = new Composer({
      label: "Reply in thread", hint: "Reply…", mention: panel.mention, cancel: () => this.close(),
      send: (text, files) => panel.post(text, files, { thread: root }),
    });
  }

  expand() {
    this.#all = true;
    this.panel.render();
  }

  open(draft) {
    this.#open = true;
    this.panel.render();
    if (draft !== undefined) this.composer.fill(draft);
    this.composer.focus();
    this.node.scrollIntoView({ block: "nearest" });
  }

  close() {
    this.#open = false;
    this.panel.render();
  }

  // show draws the thread; there is nothing to see of one without replies that nobody is answering.
  show(replies, status) {
    const hidden = this.#all ? 0 : Math.max(0, replies.length - SHOWN);
    this.more.textContent = `Show ${hidden} earlier ${hidden === 1 ? "reply" : "replies"}`;
    place(this.list, this.panel.messageNodes(replies.slice(hidden)));
    const line = this.panel.statusNode(status);
    const busy = replies.length > 0 || line !== null;
    place(this.node, [
      hidden > 0 ? this.more : null, busy ? this.list : null, line,
      this.#open ? this.composer.root : null, !this.#open && busy ? this.start : null,
    ].filter(Boolean));
    this.node.hidden = !busy && !this.#open;
    return this.node;
  }
}
