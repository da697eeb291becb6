// The list of a workspace's channels, threads and direct messages.

import { Cache, h, place } from "./dom.js";

export class Sidebar {
  #cache = new Cache();

  constructor(choose) {
    this.choose = choose;
    this.name = h("h2", {});
    this.channels = h("ul", {});
    this.direct = h("ul", {});
    this.root = h("nav", { class: "sidebar" }, this.name,
      h("h3", {}, "Channels"), this.channels, h("h3", {}, "Direct messages"), this.direct);
  }

  // show draws the channels that the person may see; unread holds the number of new messages by channel.
  show(title, product, channels, chosen, unread) {
    this.root.setAttribute("aria-label", `${product} channels`);
    place(this.name, [h("span", {}, title), h("small", {}, product)]);
    const dms = channels.filter((channel) => channel.kind === "dm");
    const tops = channels.filter((channel) => channel.kind !== "dm" && channel.kind !== "thread");
    const entries = tops.flatMap((channel) => [channel, ...channels.filter((thread) => thread.kind === "thread" && thread.parent === channel.id)]);
    place(this.channels, entries.map((channel) => this.#entry(channel, chosen, unread)));
    place(this.direct, dms.map((channel) => this.#entry(channel, chosen, unread)));
    if (this.shown !== chosen) this.root.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.shown = chosen;
  }

  #entry(channel, chosen, unread) {
    const count = unread.get(channel.id) ?? 0;
    return this.#cache.get(channel.id, [channel, channel.id === chosen, count], () => this.#button(channel, channel.id === chosen, count));
  }

  #button(channel, chosen, count) {
    return h("li", {}, h("button", {
      type: "button", class: `channel ${channel.kind}`, "aria-current": chosen ? "page" : null, "data-name": channel.name,
      onclick: () => this.choose(channel.id),
    }, h("span", { class: "sign", "aria-hidden": "true" }, sign(channel)), h("span", { class: "name" }, channel.name), count > 0 && h("span", { class: "badge", "aria-label": `${count} new` }, String(count))));
  }
}

// sign is the mark before a channel's name.
export function sign(channel) {
  return { dm: "●", thread: "↳", private: "◆" }[channel.kind] ?? "#";
}
