// One platform's panel: its channels at the side, and the chosen conversation with its composer.

import * as api from "./api.js";
import { Composer } from "./composer.js";
import { Cache, h, place } from "./dom.js";
import { plain } from "./entity.js";
import { messageNode } from "./message.js";
import { Replies } from "./replies.js";
import { Sidebar, sign } from "./sidebar.js";
import { Suggestions } from "./suggestions.js";
import { Unread } from "./unread.js";

const PRODUCT = { slack: "Slack, simulated", discord: "Discord, simulated" };
const TOGETHER = 5 * 60 * 1000; // messages of one author within five minutes stand under one name

// Workspace tells "unread" when the number of unseen messages changes.
export class Workspace extends EventTarget {
  unread = 0;
  #chosen = null;
  #reply = null;
  #cache = new Cache();
  #threads = new Map();
  #counts = new Unread();

  constructor(platform, store, session) {
    super();
    Object.assign(this, { platform, store, session });
    this.side = store.side(platform);
    this.mention = "@Parley";
    this.sidebar = new Sidebar((id) => this.choose(id));
    this.suggestions = new Suggestions(platform, (suggestion) => this.#try(suggestion));
    this.title = h("h2", {});
    this.topic = h("p", { class: "soft" });
    this.log = h("div", { class: "log", role: "log", "aria-label": "Messages", tabindex: 0 });
    this.status = h("div", { class: "foot" });
    this.problem = h("p", { class: "problem", role: "alert", hidden: true });
    this.composer = new Composer({
      label: `Message in ${PRODUCT[platform]}`, hint: "Message", mention: this.mention,
      send: (text, files) => this.post(text, files, { reply_to: this.#reply?.id }), commands: () => this.side.info.commands ?? [],
    });
    this.root = h("section", { class: `workspace ${platform}`, id: platform, "aria-label": PRODUCT[platform], onclick: (event) => this.#follow(event) },
      this.sidebar.root,
      h("div", { class: "conversation", ...this.composer.dropped() }, h("header", { class: "top" }, this.title, this.topic), this.log, this.status, this.problem, this.suggestions.root, this.composer.root));
    store.addEventListener("change", () => this.render());
    session.addEventListener("change", () => this.#other());
  }

  get me() {
    return this.session.person.ids[this.platform] ?? "";
  }

  choose(id) {
    this.#chosen = id;
    this.answer(null);
    this.render(true);
  }

  // post says something in the chosen channel, as the acting person, or gives a command.
  async post(text, files, more = {}) {
    if (/^\/[a-z][\w-]*(\s|$)/i.test(text)) {
      await api.command({ platform: this.platform, person: this.me, channel: this.#chosen, thread: more.thread, text }, files);
      this.log.scrollTop = this.log.scrollHeight;
      return;
    }
    const { id } = await api.post({ platform: this.platform, person: this.me, channel: this.#chosen, text, ...more }, files);
    this.answer(null);
    this.log.scrollTop = more.thread ? this.log.scrollTop : this.log.scrollHeight;
    return id;
  }

  // jump shows a message, wherever it stands, for a moment in another colour.
  jump(channel, id) {
    if (!this.#visible().some((each) => each.id === channel)) {
      this.#fail("You cannot see that conversation here.");
      return;
    }
    if (this.#chosen !== channel) this.choose(channel);
    const message = this.side.message(channel, id);
    if (this.platform === "slack" && message?.thread && message.thread !== id) this.#thread(channel, message.thread).expand();
    const node = id && this.log.querySelector(`.message[data-id="${CSS.escape(id)}"]`);
    if (!node) {
      if (id) this.#fail("That message is not shown here any more.");
      return;
    }
    node.scrollIntoView({ block: "center" });
    node.tabIndex = -1; // so that the keyboard goes on from there
    node.focus({ preventScroll: true });
    node.classList.remove("found");
    void node.offsetWidth; // the animation begins anew
    node.classList.add("found");
    setTimeout(() => node.classList.remove("found"), 3000);
  }

  // follow takes a click on a link to a message.
  #follow(event) {
    const link = event.target.closest("a.jump");
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.jump(link.dataset.channel, link.dataset.message);
  }

  #visible() {
    return [...this.side.channels.values()].filter((channel) => !channel.members?.length || channel.members.includes(this.me)).sort((a, b) => a.order - b.order);
  }

  // answer makes the next message a Discord reply to this one.
  answer(message) {
    this.#reply = message;
    this.composer.note(message && `Replying to ${this.side.user(message.author).name}`, () => this.answer(null));
    if (message) this.composer.focus();
  }

  render(jump = false) {
    this.side = this.store.side(this.platform);
    const { side } = this;
    const channels = this.#visible();
    const chosen = channels.find((channel) => channel.id === this.#chosen) ?? channels[0];
    if (!chosen) return;
    if (this.#chosen !== chosen.id) jump = true;
    this.#chosen = chosen.id;
    this.#count(channels);
    this.sidebar.show(side.info.name, PRODUCT[this.platform], channels, chosen.id, this.#counts.counts);
    place(this.title, [h("span", { class: chosen.kind === "dm" ? "sign present" : "sign", "aria-hidden": "true" }, sign(chosen)), chosen.name]);
    this.topic.textContent = chosen.topic ?? "";
    this.composer.hint(["dm", "thread"].includes(chosen.kind) ? `Message ${chosen.name}` : `Message #${chosen.name}`);
    this.suggestions.show(this.store.meta?.suggestions?.[this.platform]);
    this.#draw(chosen, jump);
  }

  #draw(channel, jump) {
    const stuck = jump || this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 90;
    const messages = this.side.messages(channel.id, this.me);
    const line = this.statusNode(this.side.statuses.get(`${channel.id}/`));
    if (this.platform === "slack") place(this.log, this.#threaded(channel, messages));
    else place(this.log, this.messageNodes(messages));
    if (!messages.length) place(this.log, [h("p", { class: "empty" }, channel.kind === "dm" ? "Write to Parley: in a direct message it answers without a mention." : "Nothing here yet.")]);
    place(this.status, line ? [line] : []);
    if (stuck) this.log.scrollTop = this.log.scrollHeight;
  }

  // threaded puts each Slack thread under its first message.
  #threaded(channel, messages) {
    const replies = Map.groupBy(messages.filter((message) => message.thread && message.thread !== message.id), (message) => message.thread);
    const tops = messages.filter((message) => !message.thread || message.thread === message.id);
    return this.messageNodes(tops).flatMap((node, i) => {
      const id = tops[i].id;
      return [node, this.#thread(channel.id, id).show(replies.get(id) ?? [], this.side.statuses.get(`${channel.id}/${id}`))];
    });
  }

  #thread(channel, id) {
    const key = `${channel}/${id}`;
    if (!this.#threads.has(key)) this.#threads.set(key, new Replies(this, id));
    return this.#threads.get(key);
  }

  // messageNodes gives the elements of a run of messages; those that did not change are the same elements as before.
  messageNodes(messages) {
    const { side, me, platform } = this;
    return messages.map((message, i) => {
      const before = messages[i - 1];
      const compact = Boolean(before) && before.author === message.author && message.at - before.at < TOGETHER && !message.replyTo && !before.system && !message.system && before.only === message.only && !this.#answered(before);
      const quoted = message.replyTo ? side.message(message.channel, message.replyTo) : null;
      return this.#cache.get(`${message.channel}/${message.id}`, [message, compact, me, quoted], () => messageNode(message, {
        platform, side, me, compact, ...this.#actions(message), fail: (text) => this.#fail(text),
        choose: (on, command) => this.#act(api.choose, on, { command }), press: (on, button) => this.#act(api.press, on, { button }),
      }));
    });
  }

  // act does something with a message by way of the app; what comes of it stands at the end of the channel.
  async #act(call, message, more) {
    try {
      await call({ platform: this.platform, person: this.me, channel: message.channel, id: message.id, ...more });
      if (more.command) this.log.scrollTop = this.log.scrollHeight;
    } catch (error) {
      this.#fail(error.message);
    }
  }

  #answered(message) {
    return this.platform === "slack" && message.thread === message.id;
  }

  #actions(message) {
    if (this.platform === "slack") {
      const root = message.thread || message.id;
      return { reply: () => this.#thread(message.channel, root).open() };
    }
    const channel = this.side.channels.get(message.channel);
    const threads = channel?.kind === "channel";
    return { reply: (target) => this.answer(target), thread: threads ? (target) => this.#startThread(target) : null };
  }

  async #startThread(message) {
    if (this.side.channels.has(message.threadChannel)) {
      this.choose(message.threadChannel);
      return;
    }
    const name = plain(message.text, this.side, this.platform).replace(/\s+/g, " ").slice(0, 60) || "Thread";
    try {
      const { id } = await api.startThread({ platform: this.platform, person: this.me, channel: message.channel, message: message.id, name });
      this.choose(id);
    } catch (error) {
      this.#fail(error.message);
    }
  }

  // statusNode is the line that says what the bot is doing, or null.
  statusNode(status) {
    if (!status) return null;
    return this.#cache.get(`status/${status.channel}/${status.thread}`, [status], () => h("p", { class: "status", role: "status" },
      h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), status.text,
      status.stop && h("button", { type: "button", class: "press stop", onclick: () => this.#act(api.stop, { channel: status.channel, id: status.thread }, {}) }, "Stop")));
  }

  #try(suggestion) {
    const dm = [...this.side.channels.values()].find((channel) => channel.kind === "dm" && channel.members.includes(this.me));
    this.choose(suggestion.channel || dm?.id);
    if (suggestion.thread) this.#thread(this.#chosen, suggestion.thread).open(suggestion.text);
    else this.composer.fill(suggestion.text);
  }

  #other() {
    this.#counts.forget();
    this.answer(null);
    this.render(true);
  }

  #count(channels) {
    this.#counts.update(this.side, channels, this.#chosen, this.me);
    if (this.unread === this.#counts.all) return;
    this.unread = this.#counts.all;
    this.dispatchEvent(new Event("unread"));
  }

  #fail(text) {
    this.problem.textContent = text;
    this.problem.hidden = false;
    setTimeout(() => (this.problem.hidden = true), 6000);
  }
}
