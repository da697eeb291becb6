-- name: IntendSend :one
-- Stores the intent of a turn that holds its lease, with the place, or gives the one that an earlier attempt stored. No
-- row comes back where the lease is lost.
WITH held AS (
    SELECT t.id, t.platform FROM turns t WHERE t.id = @turn_id AND t.lease = @lease AND t.finished_at IS NULL FOR UPDATE)
INSERT INTO sends (platform, workspace, turn_id, number, channel, thread, send_id, intended_at)
SELECT h.platform, @workspace, h.id, @number, @channel, @thread, @send_id, @intended_at FROM held h
ON CONFLICT (turn_id, number) DO UPDATE SET number = excluded.number
RETURNING *;

-- name: SetSent :one
-- Notes the platform's id of a part, provided that its turn holds its lease. Tells whether it does, and whether the part
-- was intended.
WITH held AS (
    SELECT t.id FROM turns t WHERE t.id = @turn_id AND t.lease = @lease AND t.finished_at IS NULL FOR UPDATE),
noted AS (
    UPDATE sends s SET message_id = @message_id, sent_at = @sent_at::timestamptz FROM held h
    WHERE s.turn_id = h.id AND s.number = @number
    RETURNING 1)
SELECT EXISTS (SELECT 1 FROM held) AS held, EXISTS (SELECT 1 FROM noted) AS intended;

-- name: TurnSends :many
SELECT * FROM sends WHERE turn_id = @turn_id ORDER BY number;

-- name: SentMessages :many
-- The messages of a turn's parts that are stored, by number.
SELECT s.number, s.workspace, s.channel, s.thread, m.message_id, m.sent_at, m.deleted_at FROM sends s
JOIN messages m ON m.platform = s.platform AND m.workspace = s.workspace AND m.channel = s.channel AND m.message_id = s.message_id
WHERE s.turn_id = @turn_id AND s.message_id <> ''
ORDER BY s.number;

-- name: DeleteSend :one
DELETE FROM sends WHERE turn_id = @turn_id AND number = @number
RETURNING *;

-- name: IsRecorded :one
SELECT EXISTS (SELECT 1 FROM sends
    WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND message_id = @message_id AND message_id <> '');
