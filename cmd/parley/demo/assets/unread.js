// How many messages of others came to each channel since the person last looked at it.

import { order } from "./store.js";

export class Unread {
  #seen = new Map();
  counts = new Map();

  // update counts anew; what the person looks at now is seen.
  update(side, channels, looking, me) {
    this.counts.clear();
    for (const channel of channels) {
      const messages = side.messages(channel.id, me);
      const last = messages.at(-1)?.id ?? "";
      if (channel.id === looking || !this.#seen.has(channel.id)) {
        this.#seen.set(channel.id, last);
        continue;
      }
      const seen = this.#seen.get(channel.id);
      const fresh = messages.filter((message) => order(message.id, seen) > 0 && message.author !== me && !message.system);
      if (fresh.length) this.counts.set(channel.id, fresh.length);
    }
  }

  // all is the sum over all channels.
  get all() {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  // forget begins anew, for another person.
  forget() {
    this.#seen.clear();
  }
}
