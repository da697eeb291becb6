// The menu of a message: what the app offers there, opened by a button and moved through with the arrow keys.

import { h } from "./dom.js";

// menuButton opens the entries [{id, label}] in a list below itself; pick is called with the chosen id.
export function menuButton(entries, pick) {
  const button = h("button", {
    type: "button", class: "dots-button", title: "More actions", "aria-label": "More actions", "aria-haspopup": "menu", "aria-expanded": "false",
    onclick: () => (list.isConnected ? close(true) : open()),
  }, "⋯");
  const list = h("div", { class: "menu", role: "menu", "aria-label": "Message menu", onkeydown: (event) => move(event), onfocusout: (event) => leave(event) });
  const open = () => {
    list.replaceChildren(...entries().map((entry) => h("button", {
      type: "button", role: "menuitem", tabindex: -1, onclick: () => { close(true); pick(entry.id); },
    }, entry.label)));
    if (!list.children.length) return;
    button.closest(".message").append(list);
    button.setAttribute("aria-expanded", "true");
    list.scrollIntoView({ block: "nearest" });
    list.firstElementChild.focus();
  };
  const close = (back) => {
    if (!list.isConnected) return;
    if (back) button.focus();
    list.remove();
    button.setAttribute("aria-expanded", "false");
  };
  const leave = (event) => {
    if (!list.contains(event.relatedTarget) && event.relatedTarget !== button) close(false);
  };
  const move = (event) => {
    const all = [...list.children];
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Escape") close(true);
    else if (to === undefined) return;
    else all[(to + all.length) % all.length].focus();
    event.preventDefault();
    event.stopPropagation();
  };
  return button;
}
