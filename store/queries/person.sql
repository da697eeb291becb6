-- name: PersonMessages :many
-- A page of what concerns a person, by key: what they wrote, what was answered to them, and what mentions them or
-- replies to them.
SELECT sqlc.embed(m), coalesce(c.id, 0)::bigint AS conversation_id,
    (CASE WHEN m.author_id = @user_id THEN 'written' WHEN m.author_kind = 'self' THEN 'answer' ELSE 'mention' END)::text AS role
FROM messages m
LEFT JOIN conversations c ON c.platform = m.platform AND c.workspace = m.workspace AND c.channel = m.channel AND c.thread = m.thread
WHERE m.platform = @platform
  AND (m.workspace, m.channel, m.message_id) > (@after_workspace::text, @after_channel::text, @after_message::text)
  AND (m.author_id = @user_id OR m.reply_to_author_id = @user_id::text OR m.mentions @> @mention::jsonb
    OR m.author_kind = 'self' AND m.deleted_at IS NULL AND (
        EXISTS (SELECT 1 FROM sends s JOIN turns t ON t.id = s.turn_id
            WHERE s.platform = m.platform AND s.workspace = m.workspace AND s.channel = m.channel AND s.message_id = m.message_id
              AND s.message_id <> '' AND t.author_id = @user_id)
        OR EXISTS (SELECT 1 FROM items i
            WHERE i.platform = m.platform AND i.workspace = m.workspace AND i.channel = m.channel AND i.message_id = m.reply_to
              AND i.author_id = @user_id)))
ORDER BY m.workspace, m.channel, m.message_id
LIMIT @most;

-- name: PersonItems :many
SELECT * FROM items
WHERE platform = @platform AND author_id = @user_id
  AND (workspace, channel, message_id) > (@after_workspace::text, @after_channel::text, @after_message::text)
ORDER BY workspace, channel, message_id
LIMIT @most;

-- name: PersonTurns :many
SELECT * FROM turns WHERE platform = @platform AND author_id = @user_id AND id > @after ORDER BY id LIMIT @most;

-- name: WaitForConversations :exec
SELECT c.id FROM conversations c WHERE c.id = ANY (@ids::bigint[]) ORDER BY c.id FOR UPDATE;

-- name: StopTurns :exec
-- Marks the unfinished turns of questions, so that whoever runs them stops and takes away what they have sent.
UPDATE turns t SET stale = true
FROM (SELECT unnest(@platforms::text[]) AS platform, unnest(@workspaces::text[]) AS workspace,
        unnest(@channels::text[]) AS channel, unnest(@message_ids::text[]) AS message_id) AS k
JOIN items i ON i.platform = k.platform AND i.workspace = k.workspace AND i.channel = k.channel AND i.message_id = k.message_id
WHERE t.id = i.turn_id AND t.finished_at IS NULL;

-- name: ForgetItems :execrows
-- Takes the person out of lines of the ledger. An open one is withdrawn.
UPDATE items i SET author_id = '', outcome = coalesce(i.outcome, 'withdrawn'), closed_at = coalesce(i.closed_at, @at::timestamptz)
FROM (SELECT unnest(@platforms::text[]) AS platform, unnest(@workspaces::text[]) AS workspace,
        unnest(@channels::text[]) AS channel, unnest(@message_ids::text[]) AS message_id) AS k
WHERE i.platform = k.platform AND i.workspace = k.workspace AND i.channel = k.channel AND i.message_id = k.message_id;

-- name: MessageForUpdate :one
SELECT * FROM messages
WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND message_id = @message_id
FOR UPDATE;

-- name: ForgetMention :exec
UPDATE messages SET text = @text, mentions = @mentions, reply_to_author_id = @reply_to_author_id
WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND message_id = @message_id;

-- name: ForgetTurns :execrows
UPDATE turns SET author_id = '', detail = '', task_data = NULL WHERE platform = @platform AND author_id = @user_id;

-- name: ForgetClosedItems :execrows
UPDATE items SET author_id = '' WHERE platform = @platform AND author_id = @user_id AND outcome IS NOT NULL;
