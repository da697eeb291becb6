// Uses the demo page as a person would: node drive.mjs URL FOLDER [status|picture]. It ends with 0 when everything was
// seen, else with 1 and one sentence on stderr. Pictures of the page are left in FOLDER. With "status", the lines that
// say that the bot is at work must be seen too, and what only the real program answers is left out; with "picture" it only makes picture.png, without checking.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { chromium } from "playwright-core";
import { asks } from "./ask.mjs";
import { dot } from "./png.mjs";

const [url, folder, mode] = process.argv.slice(2);
const PATIENCE = 60_000;
const working = new Set(); // platforms on which a line said that the bot is at work

const profile = await mkdtemp(join(tmpdir(), "parley-browser-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM || undefined, // else the browser that playwright-core brings
  headless: true,
  viewport: { width: 1440, height: 900 },
  colorScheme: "light",
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
  ],
});

try {
  if (mode === "picture") await picture();
  else await check();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await context.close();
  await rm(profile, { recursive: true, force: true });
}

async function check() {
  const page = await open();
  console.log("page: open, both workspaces shown");

  const slack = await answered(page, "slack", () => say(page, "slack", "@Parley hello! What can you do here?"));
  console.log(`slack: a mention in #general was answered; lengths seen ${slack.join(", ")}`);
  const thread = await answered(page, "slack", () => reply(page, "@Parley what did we decide about the launch?"));
  console.log(`slack: a question in the seeded thread was answered; lengths seen ${thread.join(", ")}`);

  await page.locator("#discord .channel.dm").click();
  const discord = await answered(page, "discord", () => say(page, "discord", "What is the tide?"));
  console.log(`discord: a direct message was answered; lengths seen ${discord.join(", ")}`);
  if (slack.length < 2) throw new Error("the Slack answer was not seen to grow");
  if (discord.length < 2) throw new Error("the Discord answer was not seen to grow");

  if (mode === "status" && working.size < 2) throw new Error(`that the bot is at work was seen only in: ${[...working]}`);

  if (mode === "status") await rendered(page);
  else await asks(page, { say, answered, open, png: dot(deflateSync) });

  await upload(page);
  await editAndDelete(page);
  await secondTab(page);
  await hostileText(page);
  await pictures(page);
}

// open loads the page; anything in its console fails the run at the end.
async function open() {
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on("pageerror", (error) => fail(`the page threw: ${error.message}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) fail(`the page's console says: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith("blob:")) fail(`the page asked another host: ${request.url()}`);
  });
  await page.goto(url);
  await page.locator("#slack .message").first().waitFor();
  await page.locator("#discord .message").first().waitFor();
  return page;
}

function fail(sentence) {
  console.error(sentence);
  process.exitCode = 1;
}

async function say(page, platform, text) {
  const box = page.locator(`#${platform} .conversation > .composer textarea`);
  await box.fill(text);
  await box.press("Enter");
}

async function reply(page, text) {
  const thread = page.locator("#slack .replies:not([hidden])").first();
  await thread.getByRole("button", { name: "Reply in thread" }).click();
  await thread.locator(".composer textarea").fill(text);
  await thread.locator(".composer textarea").press("Enter");
}

// answered does something and watches the bot's newest message on that platform until its text has stood still for two
// seconds and no line says that it works; it returns the lengths that the text had.
async function answered(page, platform, act) {
  await page.evaluate((name) => {
    const root = document.getElementById(name);
    const old = new Set([...root.querySelectorAll(".message.bot")].map((node) => node.dataset.id));
    window.seen = { lengths: [], at: 0, working: false };
    window.watcher?.disconnect();
    window.watcher = new MutationObserver(() => {
      if (root.querySelector(".status")) window.seen.working = true;
      const fresh = [...root.querySelectorAll(".message.bot")].filter((node) => !old.has(node.dataset.id));
      const length = fresh.reduce((sum, node) => sum + node.querySelector(".text").textContent.length, 0);
      if (length > 0 && window.seen.lengths.at(-1) !== length) window.seen = { ...window.seen, lengths: [...window.seen.lengths, length], at: performance.now() };
    });
    window.watcher.observe(root, { childList: true, subtree: true, characterData: true });
  }, platform);
  await act();
  await page.waitForFunction((name) => window.seen.lengths.length > 0 && performance.now() - window.seen.at > 2000
    && !document.querySelector(`#${name} .status`), platform, { timeout: PATIENCE, polling: 100 })
    .catch(() => { throw new Error(`${platform}: no finished answer within ${PATIENCE / 1000} s`); });
  const seen = await page.evaluate(() => window.seen);
  if (seen.working) working.add(platform);
  return seen.lengths;
}

// rendered looks for the elements that the Markdown of the test's own bot must become, on both platforms.
async function rendered(page) {
  const wanted = {
    strong: "one", "p code": "code", "a[href='https://example.org/']": "link", "ol > li > ul > li": "inner", blockquote: "a quote",
    "pre[data-language='go'] code": 'fmt.Println("<b>hi</b>")', "table th": "name", "table td": "map",
  };
  for (const platform of ["slack", "discord"]) {
    for (const [selector, text] of Object.entries(wanted)) {
      const shown = await page.locator(`#${platform} .message.bot .text`).last().locator(selector).first().textContent();
      if (shown !== text) throw new Error(`${platform}: ${selector} shows ${shown}, want ${text}`);
    }
  }
  console.log("Markdown is shown as elements");
}

async function upload(page) {
  await page.locator('#discord .channel[data-name="design"]').click();
  await page.locator('#discord .conversation > .composer input[type="file"]').setInputFiles({ name: "teal.png", mimeType: "image/png", buffer: dot(deflateSync) });
  await say(page, "discord", "A sample of the teal");
  const image = page.locator("#discord .files img").last();
  await image.waitFor();
  await page.waitForFunction((node) => node.complete && node.naturalWidth > 0, await image.elementHandle());
  console.log("discord: an uploaded picture is shown");
}

async function editAndDelete(page) {
  await page.locator('#slack .channel[data-name="design"]').click();
  await say(page, "slack", "The ferry line is *dashed* now");
  const message = page.locator("#slack .message", { hasText: "ferry line is" }).last();
  await message.hover();
  await message.getByRole("button", { name: "Edit" }).click();
  await message.locator(".editor textarea").fill("The ferry line is dotted now");
  await message.locator(".editor textarea").press("Enter");
  const edited = page.locator("#slack .message", { hasText: "dotted now" });
  await edited.locator(".edited").waitFor();
  await edited.hover();
  await edited.getByRole("button", { name: "Delete" }).click();
  await edited.waitFor({ state: "detached" });
  console.log("slack: a message was edited and deleted");
}

async function secondTab(page) {
  const other = await open();
  await other.getByRole("radio", { name: "Bo" }).click();
  await say(other, "slack", "Can you see me, Ana?");
  await page.locator('#slack .channel[data-name="general"]').click();
  await page.locator("#slack .message", { hasText: "Can you see me, Ana?" }).waitFor();
  await other.close();
  console.log("two tabs: what Bo says in one is seen in the other");
}

async function hostileText(page) {
  const text = '<img src=x onerror="document.title=1"> & <@everyone> [x](javascript:alert(1)) `<b>`';
  await say(page, "slack", text);
  await page.locator("#slack .message", { hasText: "<img src=x" }).waitFor();
  const found = await page.locator("#slack .message img:not(.avatar), #slack .message a[href^='javascript']").count();
  if (found > 0) throw new Error("text of a message became an element");
  const shown = await page.locator("#slack .message", { hasText: "<img src=x" }).locator(".text").textContent();
  if (!shown.includes("& <@everyone> [x](javascript:alert(1)) <b>")) throw new Error(`the text is shown as ${shown}`);
  await page.locator("#slack .message", { hasText: "<img src=x" }).hover();
  await page.locator("#slack .message", { hasText: "<img src=x" }).getByRole("button", { name: "Delete" }).click();
  console.log("hostile text stays text");
}

async function pictures(page) {
  await page.locator('#discord .channel.dm').click();
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(folder, "desktop.png") });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.screenshot({ path: join(folder, "desktop-dark.png") });
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 844 });
  await fits(page);
  await page.screenshot({ path: join(folder, "phone-slack.png") });
  await page.getByRole("tab", { name: "Discord" }).click();
  await fits(page);
  await page.screenshot({ path: join(folder, "phone-discord.png") });
  console.log("pictures: desktop, dark, phone");
}

// fits checks that nothing is wider than the screen.
async function fits(page) {
  const wide = await page.evaluate(() => {
    if (document.documentElement.scrollWidth <= document.documentElement.clientWidth) return null;
    const over = [...document.querySelectorAll("body *")].filter((node) => node.getBoundingClientRect().right > window.innerWidth + 1);
    return over.map((node) => `${node.tagName}.${node.className}`).slice(0, 5).join(", ");
  });
  if (wide !== null) throw new Error(`the page is wider than a phone's screen: ${wide}`);
}

// picture shows the page in use, for the README.
async function picture() {
  const page = await open();
  await page.setViewportSize({ width: 1440, height: 1100 });
  await page.locator('#slack .channel[data-name="night-walk"]').click();
  await answered(page, "slack", () => say(page, "slack", "@Parley summarize this channel"));
  await page.locator("#discord .channel.dm").click();
  await page.locator('#discord .conversation > .composer input[type="file"]').setInputFiles({ name: "leaflet-sketch.png", mimeType: "image/png", buffer: await sketch(page) });
  await answered(page, "discord", () => say(page, "discord", "Describe this picture"));
  await page.locator("#discord .verdict").waitFor();
  await page.locator("#discord .conversation > .composer textarea").fill("/");
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(folder, "picture.png") });
}

// sketch is the picture of the seeded conversation.
async function sketch(page) {
  const address = await page.locator("#slack .files img").first().getAttribute("src");
  const bytes = await page.evaluate(async (url) => [...new Uint8Array(await (await fetch(url)).arrayBuffer())], address);
  return Buffer.from(bytes);
}
