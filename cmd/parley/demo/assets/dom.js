// Small helpers to build elements. Text always becomes a text node: nothing here reads HTML.

// h makes an element. Properties that start with "on" are listeners; others are attributes, left out when they are
// false, null or undefined.
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// place makes nodes (or texts) the children of parent, in this order. Nodes that are already there are not touched, so
// that focus, selection and scrolling inside them survive.
export function place(parent, children) {
  const nodes = children.map((child) => (typeof child === "string" ? document.createTextNode(child) : child));
  const wanted = new Set(nodes);
  let at = parent.firstChild;
  const skip = () => {
    while (at && !wanted.has(at)) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
  };
  for (const node of nodes) {
    skip();
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
  }
  skip();
}

// Cache keeps one node for each key and makes it anew only when what it shows has changed.
export class Cache {
  #nodes = new Map();

  // get returns the node of key; make is called when one of the values of what it shows differs from last time.
  get(key, shows, make) {
    const kept = this.#nodes.get(key);
    if (kept && kept.shows.length === shows.length && kept.shows.every((value, i) => value === shows[i])) return kept.node;
    const node = make(kept?.node);
    this.#nodes.set(key, { shows, node });
    return node;
  }

  clear() {
    this.#nodes.clear();
  }
}

// hue gives each name a colour of its own, always the same.
export function hue(name) {
  let sum = 7;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 360;
  return sum;
}

// avatar is a coloured initial, or the bot's sign.
export function avatar(user) {
  if (user.self) return h("img", { class: "avatar", src: "assets/icon.svg", alt: "", width: 36, height: 36 });
  const node = h("span", { class: "avatar", "aria-hidden": "true" }, [...user.name][0] ?? "?");
  node.style.setProperty("--hue", hue(user.name));
  return node;
}
