-- name: GetMedia :one
SELECT * FROM media WHERE platform = @platform AND workspace = @workspace AND sha256 = @sha256;

-- name: FileHolder :one
-- Who wrote the message that holds a file, and when: as it is stored, or as the task reads it.
SELECT m.author_id, m.sent_at FROM messages m
WHERE m.platform = @platform AND m.workspace = @workspace AND m.channel = @channel AND m.message_id = @message_id
  AND m.deleted_at IS NULL AND m.attachments @> @attachment::jsonb
UNION ALL
SELECT r.author_id, r.sent_at FROM readings r
WHERE r.platform = @platform AND r.workspace = @workspace AND r.channel = @channel AND r.message_id = @message_id
  AND r.turn_id = @turn_id AND r.attachments @> @attachment::jsonb
LIMIT 1;

-- name: GetFile :one
SELECT * FROM media_uses
WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND message_id = @message_id AND attachment_id = @attachment_id;

-- name: PutFile :exec
INSERT INTO media_uses (platform, workspace, channel, message_id, attachment_id, sha256, verdict, author_id, sent_at, noted_at)
VALUES (@platform, @workspace, @channel, @message_id, @attachment_id, @sha256, @verdict, @author_id, @sent_at, @noted_at)
ON CONFLICT (platform, workspace, channel, message_id, attachment_id) DO UPDATE
SET sha256 = excluded.sha256, verdict = excluded.verdict, noted_at = excluded.noted_at;

-- name: PutMedia :exec
-- The first description of a content stays.
INSERT INTO media (platform, workspace, sha256, verdict, description, tokens, created_at)
VALUES (@platform, @workspace, @sha256, @verdict, @description, @tokens, @created_at)
ON CONFLICT (platform, workspace, sha256) DO UPDATE
SET verdict = excluded.verdict, description = excluded.description, tokens = excluded.tokens
WHERE media.description = '';

-- name: DropUnusedMedia :exec
DELETE FROM media d WHERE d.platform = @platform AND d.workspace = @workspace AND d.sha256 = @sha256
  AND NOT EXISTS (SELECT 1 FROM media_uses u WHERE u.platform = d.platform AND u.workspace = d.workspace AND u.sha256 = d.sha256);

-- name: FilesOf :many
-- What became of the files of messages.
SELECT u.channel, u.message_id, u.attachment_id, u.verdict, u.sha256,
    coalesce(d.description, '')::text AS description, coalesce(d.tokens, 0)::integer AS tokens
FROM (SELECT unnest(@channels::text[]) AS channel, unnest(@message_ids::text[]) AS message_id) AS k
JOIN media_uses u ON u.platform = @platform AND u.workspace = @workspace AND u.channel = k.channel AND u.message_id = k.message_id
LEFT JOIN media d ON d.platform = u.platform AND d.workspace = u.workspace AND d.sha256 = u.sha256;

-- name: LockMediaOf :exec
-- Locks the contents of messages, so that of two that take their last uses away one sees that it does.
SELECT 1 FROM media d
WHERE (d.platform, d.workspace, d.sha256) IN (
    SELECT u.platform, u.workspace, u.sha256
    FROM (SELECT unnest(@platforms::text[]) AS platform, unnest(@workspaces::text[]) AS workspace,
            unnest(@channels::text[]) AS channel, unnest(@message_ids::text[]) AS message_id) AS k
    JOIN media_uses u ON u.platform = k.platform AND u.workspace = k.workspace AND u.channel = k.channel AND u.message_id = k.message_id)
ORDER BY d.platform, d.workspace, d.sha256
FOR UPDATE;

-- name: DropFiles :exec
-- Takes the files of messages away, but for those to keep, and each content with its last use.
WITH gone AS (
    DELETE FROM media_uses u
    USING (SELECT unnest(@platforms::text[]) AS platform, unnest(@workspaces::text[]) AS workspace,
            unnest(@channels::text[]) AS channel, unnest(@message_ids::text[]) AS message_id) AS k
    WHERE u.platform = k.platform AND u.workspace = k.workspace AND u.channel = k.channel AND u.message_id = k.message_id
      AND u.attachment_id <> ALL (@keep::text[])
    RETURNING u.platform, u.workspace, u.channel, u.message_id, u.attachment_id, u.sha256
)
DELETE FROM media d USING (SELECT DISTINCT platform, workspace, sha256 FROM gone) AS g
WHERE d.platform = g.platform AND d.workspace = g.workspace AND d.sha256 = g.sha256
  AND NOT EXISTS (SELECT 1 FROM media_uses u
    WHERE u.platform = d.platform AND u.workspace = d.workspace AND u.sha256 = d.sha256
      AND NOT EXISTS (SELECT 1 FROM gone x WHERE x.platform = u.platform AND x.workspace = u.workspace AND x.channel = u.channel
          AND x.message_id = u.message_id AND x.attachment_id = u.attachment_id));

-- name: PersonFiles :many
SELECT u.*, coalesce(d.description, '')::text AS description FROM media_uses u
LEFT JOIN media d ON d.platform = u.platform AND d.workspace = u.workspace AND d.sha256 = u.sha256
WHERE u.platform = @platform AND u.author_id = @user_id
  AND (u.workspace, u.channel, u.message_id, u.attachment_id) > (@after_workspace::text, @after_channel::text, @after_message::text, @after_attachment::text)
ORDER BY u.workspace, u.channel, u.message_id, u.attachment_id
LIMIT @most;

-- name: OldFiles :many
SELECT platform, workspace, channel, message_id FROM media_uses WHERE sent_at < @before ORDER BY sent_at LIMIT @most;

-- name: RememberForgotten :exec
INSERT INTO forgotten (person, forgotten_at) VALUES (@person, @forgotten_at)
ON CONFLICT (person) DO UPDATE SET forgotten_at = greatest(forgotten.forgotten_at, excluded.forgotten_at);

-- name: ForgottenAmong :many
SELECT * FROM forgotten WHERE person = ANY (@people::bytea[]);
