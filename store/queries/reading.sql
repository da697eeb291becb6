-- name: TaskBegan :one
-- What had ended when a turn began, provided that it holds its lease.
SELECT began FROM turns WHERE id = @id AND lease = @lease AND finished_at IS NULL;

-- name: Collect :batchexec
INSERT INTO readings (platform, workspace, channel, message_id, turn_id, thread, place, parent, root, author_id, author_name,
    author_kind, text, tokens, mentions, attachments, reply_to, reply_to_author, reply_to_author_id, sent_at, edited_at, read_at)
VALUES (@platform, @workspace, @channel, @message_id, @turn_id, @thread, @place, @parent, @root, @author_id, @author_name,
    @author_kind, @text, @tokens, @mentions, @attachments, @reply_to, @reply_to_author, @reply_to_author_id, @sent_at, @edited_at, @read_at)
ON CONFLICT (platform, workspace, channel, message_id, turn_id) DO UPDATE
SET thread = excluded.thread, place = excluded.place, parent = excluded.parent, root = excluded.root, author_id = excluded.author_id,
    author_name = excluded.author_name, author_kind = excluded.author_kind, text = excluded.text, tokens = excluded.tokens,
    mentions = excluded.mentions, attachments = excluded.attachments, reply_to = excluded.reply_to,
    reply_to_author = excluded.reply_to_author, reply_to_author_id = excluded.reply_to_author_id, sent_at = excluded.sent_at,
    edited_at = excluded.edited_at, read_at = excluded.read_at
WHERE readings.edited_at IS NULL OR readings.edited_at <= excluded.edited_at;

-- name: Collected :many
SELECT * FROM readings
WHERE turn_id = @turn_id AND (sent_at, message_id) > (@after_at::timestamptz, @after_id::text)
ORDER BY sent_at, message_id
LIMIT @most;

-- name: Since :many
SELECT * FROM messages
WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND thread = @thread AND deleted_at IS NULL
  AND (sent_at, message_id) > (@after_at::timestamptz, @after_id::text)
  AND NOT (author_kind = 'self' AND text = '' AND attachments = '[]')
ORDER BY sent_at, message_id
LIMIT @most;

-- name: RewriteReadings :exec
UPDATE readings
SET text = @text, tokens = @tokens, mentions = @mentions, attachments = @attachments, edited_at = @edited_at::timestamptz
WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND message_id = @message_id
  AND (edited_at IS NULL OR edited_at <= @edited_at::timestamptz);

-- name: DropReadings :exec
DELETE FROM readings WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND message_id = @message_id;

-- name: EndReading :exec
DELETE FROM readings WHERE turn_id = @turn_id;

-- name: ReadChannels :many
-- The channels that a task has read.
SELECT DISTINCT platform, workspace, channel FROM readings WHERE turn_id = @turn_id;

-- name: ForgetReadings :exec
DELETE FROM readings
WHERE platform = @platform AND (author_id = @user_id::text OR reply_to_author_id = @user_id::text OR mentions @> @mention::jsonb);

-- name: SweepReadings :exec
-- What a task has left that is not running any more, or older than a task may get.
DELETE FROM readings r WHERE r.read_at < @before::timestamptz
  OR r.turn_id IN (SELECT DISTINCT o.turn_id FROM readings o LEFT JOIN turns t ON t.id = o.turn_id
      WHERE t.id IS NULL OR t.finished_at IS NOT NULL);
