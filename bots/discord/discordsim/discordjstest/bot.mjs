// A small bot on discord.js. It answers direct messages and mentions on the server at
// DISCORD_API_URL, so that a test can see whether the simulated Discord is one that discord.js can use.
import {
  ActionRowBuilder, ApplicationCommandType, ButtonBuilder, ButtonStyle, Client, ContextMenuCommandBuilder, Events, GatewayIntentBits,
  MessageFlags, Partials, SlashCommandBuilder,
} from 'discord.js';

const client = new Client({
  intents: [
    GatewayIntentBits.Guilds,
    GatewayIntentBits.GuildMessages,
    GatewayIntentBits.DirectMessages,
    GatewayIntentBits.MessageContent,
  ],
  partials: [Partials.Channel],
  rest: { api: process.env.DISCORD_API_URL.replace(/\/$/, '') },
});

const commands = {
  async echo(message, words) {
    await message.channel.sendTyping();
    const reply = await message.reply('one moment');
    await reply.edit(`echo: ${words}`);
  },
  async history(message) {
    const page = await message.channel.messages.fetch({ limit: 50 });
    const oldest = page.last();
    await message.reply(`${page.size} messages, first by ${oldest.author.username}: ${oldest.content}`);
  },
  async copy(message) {
    const file = message.attachments.first();
    const data = Buffer.from(await (await fetch(file.url)).arrayBuffer());
    await message.reply({ content: file.name, files: [{ attachment: data, name: 'copy-' + file.name }] });
  },
  async thread(message, name) {
    const thread = await message.startThread({ name });
    await thread.send('continued here');
  },
  async stream(message, count) {
    const reply = await message.reply('0');
    for (let i = 1; i <= Number(count); i++) await reply.edit(String(i));
  },
  async parent(message) {
    const referenced = await message.fetchReference();
    await message.reply({ content: referenced.content, allowedMentions: { parse: [], repliedUser: false } });
  },
  async long(message, length) {
    try {
      await message.reply('x'.repeat(Number(length)));
    } catch (error) {
      await message.reply(`refused: ${error.code}`);
    }
  },
};

client.on(Events.MessageCreate, async (message) => {
  if (message.author.bot) return;
  if (message.guild && !message.mentions.has(client.user)) return;
  const [command, ...words] = message.content.replace(/<@!?\d+>/g, '').trim().split(' ');
  try {
    await commands[command]?.(message, words.join(' '));
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
});

client.once(Events.ClientReady, async () => {
  await client.application.commands.set([
    new SlashCommandBuilder().setName('size').setDescription('Tells how large a file is')
      .addAttachmentOption((o) => o.setName('file').setDescription('The file').setRequired(true))
      .addIntegerOption((o) => o.setName('times').setDescription('How often').setMinValue(1)),
    new ContextMenuCommandBuilder().setName('Read aloud').setType(ApplicationCommandType.Message),
  ]);
});

client.on(Events.InteractionCreate, async (interaction) => {
  try {
    if (interaction.isButton()) {
      await interaction.deferUpdate();
      await interaction.editReply({ content: 'pressed', components: [] });
      return;
    }
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    if (interaction.isMessageContextMenuCommand()) {
      await interaction.editReply(interaction.targetMessage.content);
      return;
    }
    const file = interaction.options.getAttachment('file');
    const data = await (await fetch(file.url)).arrayBuffer();
    const more = new ActionRowBuilder().addComponents(new ButtonBuilder().setCustomId('more').setLabel('More').setStyle(ButtonStyle.Secondary));
    await interaction.editReply({ content: `${data.byteLength * interaction.options.getInteger('times')} bytes`, components: [more] });
    await interaction.followUp({ content: 'and that was all', flags: MessageFlags.Ephemeral });
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
});

client.on(Events.Error, (error) => console.error(error));
process.on('SIGTERM', () => client.destroy().then(() => process.exit()));

await client.login(process.env.DISCORD_BOT_TOKEN);
