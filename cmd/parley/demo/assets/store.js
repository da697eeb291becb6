// The page's copy of both workspaces. The server sends everything once and then what changes, in one event stream;
// a lost connection is made again by the browser and begins with everything.

// Store tells "change" after each patch and "line" when the connection opens or is lost.
export class Store extends EventTarget {
  meta = null;
  live = false;
  #sides = new Map();

  // side holds what is known of one platform.
  side(platform) {
    if (!this.#sides.has(platform)) this.#sides.set(platform, new Side());
    return this.#sides.get(platform);
  }

  connect(url) {
    const source = new EventSource(url);
    source.addEventListener("state", (event) => {
      this.#sides.clear();
      this.#apply(JSON.parse(event.data));
    });
    source.addEventListener("patch", (event) => this.#apply(JSON.parse(event.data)));
    source.addEventListener("open", () => this.#line(true));
    source.addEventListener("error", () => {
      this.#line(false);
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.connect(url), 2000);
    });
  }

  #line(live) {
    this.live = live;
    this.dispatchEvent(new Event("line"));
  }

  #apply(patch) {
    for (const key of patch.drop ?? []) this.#put(key, null);
    for (const [key, value] of Object.entries(patch.set ?? {})) this.#put(key, value);
    this.dispatchEvent(new Event("change"));
  }

  #put(key, value) {
    if (key === "meta") {
      this.meta = value;
      return;
    }
    const [platform, noun, ...id] = key.split("/");
    this.side(platform).put(noun, id, value);
  }
}

class Side {
  info = { name: "", commands: [], menu: [] };
  users = new Map();
  channels = new Map();
  statuses = new Map();
  #messages = new Map();

  put(noun, id, value) {
    if (noun === "info") this.info = value ?? this.info;
    else if (noun === "user") set(this.users, id[0], value);
    else if (noun === "channel") set(this.channels, id[0], value);
    else if (noun === "status") set(this.statuses, id.join("/"), value);
    else if (noun === "message") {
      const list = this.#messages.get(id[0]) ?? new Map();
      this.#messages.set(id[0], list);
      set(list, id[1], value);
    }
  }

  // user never fails: an unknown id is its own name.
  user(id) {
    const user = this.users.get(id);
    if (!user) return { id, name: id, bot: false, self: false };
    return user;
  }

  message(channel, id) {
    return this.#messages.get(channel)?.get(id);
  }

  // messages of a channel that a person sees, oldest first.
  messages(channel, me) {
    const all = [...(this.#messages.get(channel)?.values() ?? [])];
    return all.filter((message) => !message.only || message.only === me).sort((a, b) => order(a.id, b.id));
  }
}

function set(map, key, value) {
  if (value === null) map.delete(key);
  else map.set(key, value);
}

// order compares ids of both platforms: they are numbers that grow with time, too large for a JavaScript number.
export function order(a, b) {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
