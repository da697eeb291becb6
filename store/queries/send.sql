-- name: IntendSend :one
-- Stores the intent of a turn that holds its lease, or gives the one that an earlier attempt stored. No row comes back
-- where the lease is lost.
WITH held AS (
    SELECT c.platform, c.workspace, c.channel, c.thread FROM conversations c
    WHERE c.id = @conversation_id AND c.lease = @lease FOR UPDATE)
INSERT INTO sends (platform, workspace, turn_id, number, channel, thread, send_id, intended_at)
SELECT h.platform, h.workspace, @turn_id, @number, h.channel, h.thread, @send_id, @intended_at FROM held h
ON CONFLICT (platform, workspace, turn_id, number) DO UPDATE SET number = excluded.number
RETURNING *;

-- name: SetSent :one
-- Notes the platform's id of a part, provided that its turn holds its lease. Tells whether it does, and whether the part
-- was intended.
WITH held AS (
    SELECT c.platform, c.workspace FROM conversations c WHERE c.id = @conversation_id AND c.lease = @lease FOR UPDATE),
noted AS (
    UPDATE sends s SET message_id = @message_id, sent_at = @sent_at::timestamptz FROM held h
    WHERE s.platform = h.platform AND s.workspace = h.workspace AND s.turn_id = @turn_id AND s.number = @number
    RETURNING 1)
SELECT EXISTS (SELECT 1 FROM held) AS held, EXISTS (SELECT 1 FROM noted) AS intended;

-- name: TurnSends :many
SELECT * FROM sends WHERE platform = @platform AND workspace = @workspace AND turn_id = @turn_id ORDER BY number;

-- name: SentMessages :many
-- The messages of a turn's parts that are stored, by number.
SELECT s.number, m.message_id, m.sent_at, m.deleted_at FROM sends s
JOIN messages m ON m.platform = s.platform AND m.workspace = s.workspace AND m.channel = s.channel AND m.message_id = s.message_id
WHERE s.platform = @platform AND s.workspace = @workspace AND s.turn_id = @turn_id AND s.message_id <> ''
ORDER BY s.number;

-- name: DeleteSend :one
DELETE FROM sends WHERE platform = @platform AND workspace = @workspace AND turn_id = @turn_id AND number = @number
RETURNING message_id;

-- name: IsRecorded :one
SELECT EXISTS (SELECT 1 FROM sends
    WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND message_id = @message_id AND message_id <> '');
