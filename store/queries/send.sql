-- name: IntendSend :one
-- Stores the intent, or gives the one that an earlier attempt stored.
INSERT INTO sends (platform, workspace, turn_id, number, channel, thread, send_id, intended_at)
VALUES (@platform, @workspace, @turn_id, @number, @channel, @thread, @send_id, @intended_at)
ON CONFLICT (platform, workspace, turn_id, number) DO UPDATE SET number = excluded.number
RETURNING *;

-- name: SetSent :execrows
UPDATE sends SET message_id = @message_id, sent_at = @sent_at::timestamptz
WHERE platform = @platform AND workspace = @workspace AND turn_id = @turn_id AND number = @number;

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
