-- name: GetPresence :one
SELECT * FROM presence WHERE platform = @platform AND workspace = '';

-- name: SetOnline :exec
-- Notes until when a platform was read. What lies further apart than may be is a gap.
INSERT INTO presence (platform, workspace, online_at) VALUES (@platform, '', @at)
ON CONFLICT (platform, workspace) DO UPDATE
SET online_at = excluded.online_at,
    gap_at = CASE WHEN presence.online_at < @gap_before::timestamptz THEN excluded.online_at ELSE presence.gap_at END
WHERE presence.online_at < excluded.online_at;

-- name: ChannelMarks :many
SELECT * FROM watermarks WHERE platform = @platform ORDER BY workspace, channel;

-- name: ThreadMarks :many
-- The conversations that we take part in, the most recently active first, with the place of their newest message.
SELECT c.workspace, c.channel, c.thread, c.newest_at, c.newest_id,
    coalesce((SELECT m.place FROM messages m
        WHERE m.platform = c.platform AND m.workspace = c.workspace AND m.channel = c.channel AND m.thread = c.thread
          AND m.deleted_at IS NULL
        ORDER BY m.sent_at DESC, m.message_id DESC LIMIT 1), '')::text AS place
FROM conversations c
WHERE c.platform = @platform AND c.ours AND c.newest_at > @since AND NOT starts_with(c.thread, @commands::text)
ORDER BY c.newest_at DESC
LIMIT @most;
