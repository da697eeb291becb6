// A Bolt app as its documentation shows one. It answers mentions and direct messages in their
// thread: status, a first post, then the answer by chat.update. It takes a command, a shortcut and a button, and
// answers them by their response_url. MODE is socket or http.
import bolt from '@slack/bolt';

const { MODE, SLACK_API_URL, SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_SIGNING_SECRET } = process.env;

const app = new bolt.App({
  token: SLACK_BOT_TOKEN,
  ...(MODE === 'socket'
    ? { socketMode: true, appToken: SLACK_APP_TOKEN }
    : { signingSecret: SLACK_SIGNING_SECRET }),
  clientOptions: { slackApiUrl: SLACK_API_URL },
});

async function answer(client, event) {
  const thread_ts = event.thread_ts ?? event.ts;
  await client.assistant.threads.setStatus({ channel_id: event.channel, thread_ts, status: 'is thinking...' });
  const { messages } = await client.conversations.replies({ channel: event.channel, ts: thread_ts });
  const { user } = await client.users.info({ user: event.user });
  const first = await client.chat.postMessage({
    channel: event.channel,
    thread_ts,
    text: '…',
    unfurl_links: false,
    unfurl_media: false,
    metadata: { event_type: 'answer', event_payload: { send_id: event.ts } },
  });
  await client.chat.update({
    channel: event.channel,
    ts: first.ts,
    text: 'the answer',
    blocks: [{ type: 'markdown', text: `**${user.real_name}** asked, ${messages.length} in thread` }],
  });
  if (event.files?.length) {
    await client.filesUploadV2({
      channel_id: event.channel, thread_ts, filename: 'copy.txt', content: `saw ${event.files[0].name}`,
    });
  }
}

app.event('app_mention', async ({ event, client }) => answer(client, event));

app.message(async ({ message, client }) => {
  if (message.channel_type === 'im' && (!message.subtype || message.subtype === 'file_share') && !message.bot_id) {
    await answer(client, message);
  }
});

const withButton = (text) => ({
  text,
  blocks: [
    { type: 'markdown', text },
    { type: 'actions', elements: [{ type: 'button', action_id: 'share', value: text, text: { type: 'plain_text', text: 'Share' } }] },
  ],
});

app.command('/parley', async ({ command, ack, respond }) => {
  await ack({ text: 'working' });
  await respond({ response_type: 'ephemeral', ...withButton(`asked ${command.text}`) });
});

app.shortcut({ callback_id: 'summarize_thread', type: 'message_action' }, async ({ shortcut, ack, respond }) => {
  await ack();
  await respond({ response_type: 'ephemeral', text: `on ${shortcut.message.text} by ${shortcut.user.id}` });
});

app.action('share', async ({ action, body, ack, respond }) => {
  await ack();
  await respond({ replace_original: true, text: `shared ${action.value} for ${body.user.id}` });
});

app.error(async (error) => console.error(error));

const server = await app.start(MODE === 'http' ? { port: 0, host: '127.0.0.1' } : undefined);
console.log(JSON.stringify({ ready: true, port: MODE === 'http' ? server.address().port : 0 }));

process.on('SIGTERM', async () => {
  await app.stop();
  process.exit(0);
});
