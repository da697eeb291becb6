// The ways to ask Parley that only the real program answers: files, commands, the menu, the buttons and the links.

// asks uses them all; tools holds {say, answered, open, png} of the caller.
export async function asks(page, tools) {
  await file(page, tools);
  await question(page, tools);
  await command(page, tools);
  await menu(page);
  await stop(page, tools);
}

async function go(page, platform, name) {
  await page.locator(`#${platform} .channel[data-name="${name}"]`).first().click();
}

// file uploads a picture with a question and sees the answer, the verdict and the description as its alt text.
async function file(page, { say, answered, png }) {
  await page.locator("#slack .channel.dm").click();
  await page.locator('#slack .conversation > .composer input[type="file"]').setInputFiles({ name: "teal.png", mimeType: "image/png", buffer: png });
  await page.locator("#slack .composer .chips img").waitFor();
  await answered(page, "slack", () => say(page, "slack", "Describe this picture"));
  const message = page.locator("#slack .message", { has: page.locator(".files img") });
  await message.locator(".verdict .mark.good", { hasText: "Described" }).waitFor();
  const alt = await message.locator(".files img").getAttribute("alt");
  if (!/picture/.test(alt)) throw new Error(`slack: the picture's alt text is ${alt}`);
  const shown = await page.locator("#slack .message.bot .text").last().textContent();
  if (!/picture/.test(shown)) throw new Error(`slack: the answer about the picture is ${shown}`);
  console.log("slack: a picture was described; its alt text is the description");
}

// question uploads a picture with a question about it: the answer is no description, and what it shows is told afterwards.
async function question(page, { say, answered, png }) {
  const other = Buffer.concat([png, Buffer.from("another")]); // of another hash, so that nothing is known of it
  await page.locator('#slack .conversation > .composer input[type="file"]').setInputFiles({ name: "asked.png", mimeType: "image/png", buffer: other });
  await page.locator("#slack .composer .chips img").waitFor();
  await answered(page, "slack", () => say(page, "slack", "How many boats are in it?"));
  const image = page.locator("#slack .message .files img").last();
  await page.locator('#slack .message .files img[alt*="picture"]').nth(1).waitFor();
  const alt = await image.getAttribute("alt");
  if (!/picture/.test(alt) || /^described$/i.test(alt)) throw new Error(`slack: the alt text of a picture that was asked about is ${alt}`);
  console.log("slack: a picture that was asked about has an alt text too");
}

// command gives a slash command by its palette, sees a private answer that nobody else sees, follows a source and shares.
async function command(page, { open }) {
  await go(page, "slack", "night-walk");
  const box = page.locator("#slack .conversation > .composer textarea");
  await box.fill("/par");
  await page.locator('#slack .palette [role="option"]').waitFor();
  await box.press("Enter");
  if (await box.inputValue() !== "/parley ") throw new Error(`the palette wrote ${await box.inputValue()}`);
  await box.pressSequentially("summarize last 20");
  await box.press("Enter");
  const answer = page.locator("#slack .message.private", { hasText: "20 of 20 messages" });
  await answer.locator(".only", { hasText: "Only visible to you" }).waitFor();

  const other = await open();
  await other.getByRole("radio", { name: "Bo" }).click();
  await go(other, "slack", "night-walk");
  await other.locator("#slack .message", { hasText: "See you all at the lighthouse" }).waitFor();
  if (await other.locator("#slack .message", { hasText: "20 of 20 messages" }).count() > 0) throw new Error("Bo sees an answer that is for Ana alone");

  const source = answer.locator("a.jump").first();
  const to = await source.getAttribute("data-message");
  await source.click();
  await page.locator(`#slack .message.found[data-id="${to}"]`).waitFor();
  await answer.getByRole("button", { name: "Share in thread" }).click();
  await page.locator("#slack .message.bot:not(.private)", { hasText: "20 of 20 messages" }).waitFor();
  await other.locator("#slack .message.bot", { hasText: "20 of 20 messages" }).waitFor();
  await other.close();
  console.log("slack: a command was answered privately, its source was shown, and it was shared");

  await page.locator("#discord .channel.thread").first().click();
  const discord = page.locator("#discord .conversation > .composer textarea");
  await discord.fill("/summarize ");
  await page.locator("#discord .palette .usage", { hasText: "[last:…]" }).waitFor();
  await discord.press("Enter");
  const private_ = page.locator("#discord .message.private", { hasText: "3 of 3 messages" });
  await private_.getByRole("button", { name: "Share in thread" }).click();
  await page.locator("#discord .message.bot:not(.private)", { hasText: "3 of 3 messages" }).waitFor();
  console.log("discord: a command was answered privately and shared");
}

// menu uses a message's menu by the keyboard.
async function menu(page) {
  await go(page, "discord", "night-walk");
  const message = page.locator("#discord .message", { hasText: "first sketch" });
  await message.scrollIntoViewIfNeeded();
  await message.hover();
  await message.getByRole("button", { name: "More actions" }).press("Enter");
  await page.getByRole("menuitem", { name: "Describe image" }).press("Enter");
  await page.locator("#discord .message.private", { hasText: "picture" }).waitFor();
  if (await page.getByRole("menu").count() > 0) throw new Error("the menu stays open");
  console.log("discord: the menu of a message described its picture");
}

// stop ends a long answer by the button below it.
async function stop(page, { say }) {
  for (const platform of ["slack", "discord"]) {
    await page.locator(`#${platform} .channel.dm`).click();
    await say(page, platform, "Write 900 words about the sea");
    await page.locator(`#${platform} .buttons .stop`).click();
    await page.locator(`#${platform} .message.bot`, { hasText: "(Stopped.)" }).waitFor();
    await page.locator(`#${platform} .buttons .stop`).waitFor({ state: "detached" });
    console.log(`${platform}: an answer was stopped`);
  }
}
