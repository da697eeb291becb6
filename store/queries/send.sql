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
