// The demo page: two simulated workspaces side by side, fed by one stream of events.

import { h } from "./dom.js";
import { destination } from "./jump.js";
import { showPeople } from "./people.js";
import { Session } from "./session.js";
import { Store } from "./store.js";
import { Workspace } from "./workspace.js";

const store = new Store();
const session = new Session(store);
const main = document.getElementById("workspaces");
const panels = [new Workspace("slack", store, session), new Workspace("discord", store, session)];

main.replaceChildren(...panels.map((panel) => panel.root));
showPeople(document.getElementById("people"), store, session);
showTabs();

store.addEventListener("change", () => {
  document.getElementById("model").textContent = store.meta?.model ?? "";
});
store.addEventListener("line", () => {
  const line = document.getElementById("line");
  line.textContent = store.live ? "live" : "reconnecting…";
  line.classList.toggle("lost", !store.live);
});
store.addEventListener("change", () => arrive(destination(location.hash)), { once: true });
store.connect("api/events");

// A file that misses its box must not replace the page.
for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());

// arrive shows the message that the page's address names.
function arrive(to) {
  const panel = to && panels.find((each) => each.platform === to.platform);
  if (!panel) return;
  document.getElementById(`tab-${to.platform}`).click();
  panel.jump(to.channel, to.id);
}

// On a narrow screen one workspace shows at a time; on a wide one the tabs are hidden and both show.
function showTabs() {
  const tabs = [...document.querySelectorAll("[data-tab]")];
  const choose = (name) => {
    document.body.dataset.shown = name;
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", String(tab.dataset.tab === name));
      tab.tabIndex = tab.dataset.tab === name ? 0 : -1;
    }
  };
  for (const tab of tabs) {
    tab.append(h("span", { class: "badge", hidden: true }));
    tab.addEventListener("click", () => choose(tab.dataset.tab));
    tab.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      const other = tabs.find((each) => each !== tab);
      choose(other.dataset.tab);
      other.focus();
    });
  }
  for (const panel of panels) {
    panel.addEventListener("unread", () => {
      const badge = document.querySelector(`#tab-${panel.platform} .badge`);
      badge.textContent = panel.unread;
      badge.hidden = panel.unread === 0;
    });
  }
  choose("slack");
}
