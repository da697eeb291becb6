// One message: who, when, the text, its files, and the buttons for what the reader may do with it.

import * as api from "./api.js";
import { attachments } from "./attachment.js";
import { avatar, h } from "./dom.js";
import { plain } from "./entity.js";
import { markdown } from "./markdown.js";
import { menuButton } from "./menu.js";

// messageNode builds a message. view is {platform, side, me, compact, reply, thread, choose, press}: reply and thread are
// called with the message, choose with the id of an entry of the menu too, press with that of a button; what is missing is
// left out.
export function messageNode(message, view) {
  const { side, me, compact } = view;
  const author = side.user(message.author);
  const at = new Date(message.at);
  const body = h("div", { class: "text" }, message.loading ? loading(author) : markdown(message.text, message.format, side, me));
  const head = h("header", {},
    h("b", { class: "author" }, author.name),
    author.bot && h("span", { class: "tag" }, "app"),
    h("time", { datetime: at.toISOString(), title: at.toLocaleString() }, at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })));
  if (message.edited) body.append(h("span", { class: "edited" }, "(edited)"));
  const classes = ["message", compact && "compact", author.self && "bot", message.system && "system", message.only && "private"].filter(Boolean).join(" ");
  const node = h("article", { class: classes, "data-id": message.id, "aria-label": message.only ? `${author.name}, only visible to you` : author.name },
    message.only && h("p", { class: "only" }, ONLY[view.platform]),
    quote(message, view), avatar(author), h("div", { class: "body" }, head, body, attachments(message.files), buttons(message, view), opener(message, view)));
  if (!message.system && !message.gone && !message.only) node.append(tools(message, view, node, body));
  return node;
}

// ONLY marks a private answer, in each platform's own words.
const ONLY = { slack: "Only visible to you", discord: "Only you can see this" };

function loading(author) {
  return h("span", { class: "status" }, h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), `${author.name} is thinking…`);
}

// buttons are those that the app has put under its message.
function buttons(message, view) {
  if (!message.buttons?.length) return null;
  return h("div", { class: "buttons" }, message.buttons.map((button) => h("button", {
    type: "button", class: `press ${button.id === "stop" ? "stop" : ""}`, onclick: (event) => pressed(event.currentTarget, message, button, view),
  }, button.label)));
}

// pressed keeps a button from being pressed twice while the app takes it.
async function pressed(node, message, button, view) {
  node.disabled = true;
  await view.press(message, button.id);
  node.disabled = false;
}

// quote is the line above a Discord reply that shows what it answers.
function quote(message, { side, platform }) {
  if (!message.replyTo) return null;
  const target = side.message(message.channel, message.replyTo);
  if (!target) return h("div", { class: "quote" }, "Original message was deleted");
  const text = plain(target.text, side, platform).replace(/\s+/g, " ").slice(0, 160);
  return h("div", { class: "quote" }, h("span", {}, h("b", {}, side.user(target.author).name), ` ${text}`));
}

// opener leads to the Discord thread that started from a message.
function opener(message, view) {
  const thread = view.side.channels.get(message.threadChannel);
  if (!thread || !view.thread) return null;
  return h("button", { type: "button", class: "more opener", onclick: () => view.thread(message) }, `↳ ${thread.name}`);
}

function tools(message, view, node, body) {
  const button = (label, act) => h("button", { type: "button", onclick: act }, label);
  const mine = message.author === view.me;
  const buttons = [
    view.reply && button("Reply", () => view.reply(message)),
    view.thread && button("Thread", () => view.thread(message)),
    mine && button("Edit", () => edit(message, view, node, body)),
    mine && button("Delete", () => remove(message, view)),
    view.choose && menuButton(() => view.side.info.menu ?? [], (id) => view.choose(message, id)),
  ].filter(Boolean);
  return buttons.length ? h("div", { class: "tools", role: "group", "aria-label": "Message actions" }, buttons) : "";
}

// edit puts a box in the place of the text. A new version from the server replaces the whole node.
function edit(message, view, node, body) {
  if (node.querySelector(".editor")) return;
  const text = h("textarea", { "aria-label": "Edit message", rows: 2 });
  text.value = plain(message.text, view.side, view.platform);
  const close = () => {
    editor.remove();
    body.hidden = false;
  };
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const save = async (event) => {
    event.preventDefault();
    try {
      await api.edit({ platform: view.platform, person: view.me, channel: message.channel, id: message.id, text: text.value.trim() });
      close();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
  };
  const editor = h("form", { class: "editor", onsubmit: save }, text, h("div", { class: "row" },
    h("button", { type: "button", class: "plain", onclick: close }, "Cancel"), h("button", { type: "submit", class: "send" }, "Save")), problem);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    editor.requestSubmit();
  });
  body.hidden = true;
  body.after(editor);
  text.focus();
}

async function remove(message, view) {
  try {
    await api.remove({ platform: view.platform, person: view.me, channel: message.channel, id: message.id });
  } catch (error) {
    view.fail(error.message);
  }
}
