-- name: ThreadHistory :many
SELECT * FROM messages
WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND thread = @thread AND deleted_at IS NULL
  AND NOT (author_kind = 'self' AND text = '' AND attachments = '[]') -- an answer whose source has changed
  AND (sent_at, message_id) < (@before_at::timestamptz, @before_id::text)
ORDER BY sent_at DESC, message_id DESC
LIMIT @most;

-- name: ChannelHistory :many
SELECT * FROM messages
WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND deleted_at IS NULL
  AND place <> 'private' -- commands and their answers are between two
  AND NOT (author_kind = 'self' AND text = '' AND attachments = '[]') -- an answer whose source has changed
  AND (sent_at, message_id) < (@before_at::timestamptz, @before_id::text)
ORDER BY sent_at DESC, message_id DESC
LIMIT @most;
