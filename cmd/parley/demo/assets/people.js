// The choice of the person to act as: a group of radio buttons, moved through with the arrow keys.

import { avatar, h, place } from "./dom.js";

export function showPeople(root, store, session) {
  const render = () => {
    const people = store.meta?.people ?? [];
    const names = people.map((person) => person.key).join(" ");
    if (root.dataset.names !== names) {
      root.dataset.names = names;
      place(root, people.map((person) => button(person, session)));
    }
    for (const node of root.children) {
      const chosen = node.dataset.key === session.person.key;
      node.setAttribute("aria-checked", String(chosen));
      node.tabIndex = chosen ? 0 : -1;
    }
  };
  root.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...root.children];
    const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
    session.choose(next.dataset.key);
    next.focus();
  });
  store.addEventListener("change", render);
  session.addEventListener("change", render);
}

function button(person, session) {
  return h("button", {
    type: "button", role: "radio", "data-key": person.key, title: `Act as ${person.name} in both workspaces`,
    onclick: () => session.choose(person.key),
  }, avatar(person), h("span", {}, person.name));
}
