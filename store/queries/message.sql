-- name: InsertMessage :one
-- Stores a message that is not known. A message known only as the channel's, and never judged, moves into the
-- conversation. No row comes back where the message was judged before, or is deleted.
INSERT INTO messages (platform, workspace, channel, message_id, thread, seq, place, parent, root, author_id, author_name,
    author_kind, text, mentions, attachments, reply_to, reply_to_author, reply_to_author_id, judged, sent_at, edited_at, stored_at, tokens, ask)
VALUES (@platform, @workspace, @channel, @message_id, @thread, @seq, @place, @parent, @root, @author_id, @author_name,
    @author_kind, @text, @mentions, @attachments, @reply_to, @reply_to_author, @reply_to_author_id, @judged, @sent_at, @edited_at, @stored_at, @tokens, @ask)
ON CONFLICT (platform, workspace, channel, message_id) DO UPDATE
SET thread = excluded.thread, seq = excluded.seq, judged = excluded.judged, place = excluded.place, root = excluded.root
WHERE NOT messages.judged AND messages.deleted_at IS NULL
RETURNING *;

-- name: InsertHistory :batchone
-- Stores a message of the platform's history if it is not known. A message known only as the channel's moves into
-- the conversation. No row comes back where nothing was changed.
INSERT INTO messages (platform, workspace, channel, message_id, thread, seq, place, parent, root, author_id, author_name,
    author_kind, text, mentions, attachments, reply_to, reply_to_author, reply_to_author_id, judged, sent_at, edited_at, stored_at, tokens, ask)
VALUES (@platform, @workspace, @channel, @message_id, @thread, @seq, @place, @parent, @root, @author_id, @author_name,
    @author_kind, @text, @mentions, @attachments, @reply_to, @reply_to_author, @reply_to_author_id, @judged, @sent_at, @edited_at, @stored_at, @tokens, @ask)
ON CONFLICT (platform, workspace, channel, message_id) DO UPDATE
SET thread = excluded.thread, seq = excluded.seq, place = excluded.place, root = excluded.root
WHERE NOT messages.judged AND messages.deleted_at IS NULL AND messages.thread = '' AND excluded.thread <> ''
RETURNING judged;

-- name: UpsertOwnMessage :exec
-- Stores what we sent. The platform's echo may have come first: then only the text is brought up to date.
INSERT INTO messages (platform, workspace, channel, message_id, thread, seq, place, author_id, author_name, author_kind, text,
    reply_to, judged, sent_at, stored_at)
VALUES (@platform, @workspace, @channel, @message_id, @thread, @seq, @place, '', 'Parley', 'self', @text, @reply_to, true, @sent_at, @stored_at)
ON CONFLICT (platform, workspace, channel, message_id) DO UPDATE
SET text = excluded.text, author_kind = 'self', thread = excluded.thread, judged = true
WHERE messages.deleted_at IS NULL;

-- name: GetMessage :one
SELECT * FROM messages
WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND message_id = @message_id;

-- name: EditMessage :one
-- Rewrites a message unless a newer edit, or the delete, came first. Slack tells the time of edits in whole seconds, so an
-- equal time is newer.
UPDATE messages
SET text = @text, tokens = @tokens, mentions = @mentions, attachments = @attachments, edited_at = @edited_at::timestamptz,
    revision = revision + CASE WHEN text <> @text OR attachments <> @attachments THEN 1 ELSE 0 END
WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND message_id = @message_id
  AND deleted_at IS NULL AND (edited_at IS NULL OR edited_at <= @edited_at::timestamptz)
RETURNING *;

-- name: EraseMessage :execrows
UPDATE messages
SET text = '', tokens = 0, author_name = '', mentions = '[]', attachments = '[]', ask = NULL, deleted_at = @deleted_at::timestamptz
WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND message_id = @message_id
  AND deleted_at IS NULL;

-- name: InsertTombstone :execrows
-- Remembers the delete of a message that is not known, so that a late delivery of it stores nothing.
INSERT INTO messages (platform, workspace, channel, message_id, thread, place, author_id, author_name, author_kind, text, judged,
    sent_at, deleted_at, stored_at)
VALUES (@platform, @workspace, @channel, @message_id, '', '', '', '', '', '', true, @deleted_at::timestamptz, @deleted_at::timestamptz, @stored_at)
ON CONFLICT DO NOTHING;

-- name: UnaddressedAfter :many
-- What people said in the conversation after a position, as far as it has no line in the ledger.
SELECT m.* FROM messages m
WHERE m.platform = @platform AND m.workspace = @workspace AND m.channel = @channel AND m.thread = @thread
  AND m.deleted_at IS NULL AND m.author_kind = 'person'
  AND (m.sent_at, m.message_id) > (@after_at::timestamptz, @after_id::text)
  AND NOT EXISTS (SELECT 1 FROM items i WHERE i.platform = m.platform AND i.workspace = m.workspace
      AND i.channel = m.channel AND i.message_id = m.message_id)
ORDER BY m.sent_at, m.message_id
LIMIT @most;

-- name: SetJudged :exec
UPDATE messages SET judged = true
WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND message_id = @message_id;

-- name: ThreadOfMessage :one
SELECT c.thread FROM conversations c
WHERE c.platform = @platform AND c.workspace = @workspace AND c.channel = @channel AND c.thread IN (
    SELECT m.thread FROM messages m
    WHERE m.platform = @platform AND m.workspace = @workspace AND m.channel = @channel AND m.message_id = @message_id
      AND m.author_kind <> ''
    UNION ALL
    SELECT s.thread FROM sends s
    WHERE s.platform = @platform AND s.workspace = @workspace AND s.channel = @channel AND s.message_id = @message_id
      AND s.message_id <> '')
LIMIT 1;

-- name: SaidAfter :one
-- Whether anything was said in the conversation after a position, but for a turn's own messages.
SELECT EXISTS (SELECT 1 FROM messages m
    WHERE m.platform = @platform AND m.workspace = @workspace AND m.channel = @channel AND m.thread = @thread AND m.deleted_at IS NULL
      AND (m.sent_at, m.message_id) > (@after_at::timestamptz, @after_id::text)
      AND (m.author_kind <> 'self' OR EXISTS (SELECT 1 FROM sends s
          WHERE s.platform = m.platform AND s.workspace = m.workspace AND s.channel = m.channel AND s.message_id = m.message_id
            AND s.message_id <> '' AND s.turn_id <> @turn_id)));

-- name: MessagesByID :many
SELECT * FROM messages
WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND message_id = ANY (@message_ids::text[])
  AND deleted_at IS NULL;

-- name: MissingBetween :many
-- What is stored of a conversation between two positions, but for the given messages and for what was stored just now.
SELECT message_id FROM messages
WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND thread = @thread AND deleted_at IS NULL
  AND (sent_at, message_id) > (@from_at::timestamptz, @from_id::text) AND (sent_at, message_id) < (@to_at::timestamptz, @to_id::text)
  AND stored_at < @stored_before AND message_id <> ALL (@message_ids::text[])
ORDER BY sent_at, message_id;
