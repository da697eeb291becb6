// Links of both platforms to messages that are on this page: they lead there instead of to the real platform.

import { h } from "./dom.js";
import { plain } from "./entity.js";

const SLACK = /^https:\/\/[\w-]+\.slack\.com\/archives\/([A-Z0-9]+)(?:\/p(\d+)(\d{6}))?(?:\?|$)/;
const DISCORD = /^https:\/\/discord\.com\/channels\/(?:@me|\d+)\/(\d+)(?:\/(\d+))?$/;

// jump makes a link to a message, or returns null for an address that leads anywhere else.
export function jump(href, label, side) {
  const slack = SLACK.exec(href);
  const discord = slack ? null : DISCORD.exec(href);
  if (!slack && !discord) return null;
  const platform = slack ? "slack" : "discord";
  const channel = (slack ?? discord)[1];
  const id = slack ? slack[2] && `${slack[2]}.${slack[3]}` : discord[2];
  if (!side.channels.has(channel)) return null;
  return h("a", {
    class: "jump", href: `#${[platform, channel, id].filter(Boolean).join("/")}`, title: said(side, platform, channel, id), "data-channel": channel, "data-message": id ?? null,
  }, label);
}

// said tells what stands at the other end.
function said(side, platform, channel, id) {
  const message = id && side.message(channel, id);
  if (!message) return `#${side.channels.get(channel).name}`;
  return `${side.user(message.author).name}: ${plain(message.text, side, platform).replace(/\s+/g, " ").slice(0, 200)}`;
}

// destination reads the address of a link that was opened in a tab of its own.
export function destination(hash) {
  const [platform, channel, id] = hash.replace(/^#/, "").split("/");
  return channel ? { platform, channel, id } : null;
}
