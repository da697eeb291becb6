-- name: OldMessages :many
-- Messages that are older than they may be kept, locked, as far as something is left to do with them. spent says that
-- no catching up reads as far back: its row is not needed any more to know the message by.
SELECT m.platform, m.workspace, m.channel, m.message_id, m.sent_at, coalesce(c.id, 0)::bigint AS conversation_id,
    (m.sent_at < @settled::timestamptz
     AND (w.sent_at IS NULL OR m.sent_at < w.sent_at - interval '1 hour')
     AND (c.id IS NULL OR c.newest_at < @before::timestamptz OR m.sent_at < c.newest_at - interval '1 hour'))::boolean AS spent
FROM messages m
LEFT JOIN conversations c ON c.platform = m.platform AND c.workspace = m.workspace AND c.channel = m.channel AND c.thread = m.thread
LEFT JOIN watermarks w ON w.platform = m.platform AND w.workspace = m.workspace AND w.channel = m.channel
WHERE m.sent_at >= @after::timestamptz AND m.sent_at < @before
  AND (m.deleted_at IS NULL OR m.author_id <> '' OR m.reply_to_author_id <> ''
    OR m.sent_at < @settled
     AND (w.sent_at IS NULL OR m.sent_at < w.sent_at - interval '1 hour')
     AND (c.id IS NULL OR c.newest_at < @before OR m.sent_at < c.newest_at - interval '1 hour'))
ORDER BY m.sent_at
LIMIT @most
FOR UPDATE OF m SKIP LOCKED;

-- name: LockConversations :many
-- Locks those of the conversations that nobody else has locked.
SELECT c.id FROM conversations c WHERE c.id = ANY (@ids::bigint[]) ORDER BY c.id FOR UPDATE SKIP LOCKED;

-- name: BusyConversations :many
-- Those of the conversations that owe something. To be asked under their locks.
SELECT c.id FROM conversations c
WHERE c.id = ANY (@ids::bigint[])
  AND (EXISTS (SELECT 1 FROM items i WHERE i.conversation_id = c.id AND i.outcome IS NULL)
    OR EXISTS (SELECT 1 FROM turns t WHERE t.conversation_id = c.id AND t.finished_at IS NULL));

-- name: DeleteMessages :execrows
-- Deletes messages and their lines in the ledger, but for those that are owed an answer.
WITH old AS (
    SELECT k.* FROM (SELECT unnest(@platforms::text[]) AS platform, unnest(@workspaces::text[]) AS workspace,
        unnest(@channels::text[]) AS channel, unnest(@message_ids::text[]) AS message_id) AS k
    WHERE NOT EXISTS (SELECT 1 FROM items i WHERE i.platform = k.platform AND i.workspace = k.workspace AND i.channel = k.channel
        AND i.message_id = k.message_id AND i.outcome IS NULL)
), closed AS (
    DELETE FROM items i USING old WHERE i.platform = old.platform AND i.workspace = old.workspace AND i.channel = old.channel
        AND i.message_id = old.message_id
)
DELETE FROM messages m USING old WHERE m.platform = old.platform AND m.workspace = old.workspace AND m.channel = old.channel
    AND m.message_id = old.message_id;

-- name: BlankMessages :execrows
-- Leaves of messages and their lines in the ledger what the next delivery is known by, but for those that are owed an answer.
WITH old AS (
    SELECT k.* FROM (SELECT unnest(@platforms::text[]) AS platform, unnest(@workspaces::text[]) AS workspace,
        unnest(@channels::text[]) AS channel, unnest(@message_ids::text[]) AS message_id) AS k
    WHERE NOT EXISTS (SELECT 1 FROM items i WHERE i.platform = k.platform AND i.workspace = k.workspace AND i.channel = k.channel
        AND i.message_id = k.message_id AND i.outcome IS NULL)
), anonymous AS (
    UPDATE items i SET author_id = '' FROM old WHERE i.platform = old.platform AND i.workspace = old.workspace
        AND i.channel = old.channel AND i.message_id = old.message_id AND i.author_id <> ''
)
UPDATE messages m
SET text = '', tokens = 0, author_id = '', author_name = '', mentions = '[]', attachments = '[]', ask = NULL, reply_to_author_id = '',
    deleted_at = coalesce(m.deleted_at, @at::timestamptz)
FROM old WHERE m.platform = old.platform AND m.workspace = old.workspace AND m.channel = old.channel
    AND m.message_id = old.message_id;

-- name: DeleteSpentConversations :execrows
-- Deletes conversations in which nothing is left and nothing was said lately.
DELETE FROM conversations c
WHERE c.id = ANY (@ids::bigint[]) AND c.newest_at < @before
  AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.platform = c.platform AND m.workspace = c.workspace AND m.channel = c.channel
      AND m.thread = c.thread AND m.deleted_at IS NULL);

-- name: BlankTurns :many
-- Keeps of turns what they cost and how long they took: no person, no detail, no parts.
WITH old AS (
    SELECT t.platform, t.workspace, t.id FROM turns t
    WHERE t.finished_at >= @after::timestamptz AND t.finished_at < @before::timestamptz AND (t.detail <> '' OR t.author_id <> '')
    ORDER BY t.finished_at LIMIT @most
), parts AS (
    DELETE FROM sends s USING old WHERE s.turn_id = old.id
)
UPDATE turns t SET detail = '', author_id = '' FROM old
WHERE t.platform = old.platform AND t.workspace = old.workspace AND t.id = old.id
RETURNING t.finished_at;
