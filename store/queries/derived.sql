-- name: ShareDerived :exec
-- Whoever changes messages of a workspace shares its lock with others who do; whoever derives something from them has it alone.
SELECT pg_advisory_xact_lock_shared(hashtextextended('parley/derived/' || @workspace::text, 0));

-- name: LockDerived :exec
SELECT pg_advisory_xact_lock(hashtextextended('parley/derived/' || @workspace::text, 0));

-- name: EraseDerived :many
-- Notes that a message was edited or deleted, and erases what was made of it: chunks that hold it, and the text of answers
-- that were derived from a span in which it lies. Gives those answers. Where nothing tells when it was sent, its id tells
-- where it lies: those of one platform grow with time (Slack: docs.slack.dev/messaging/retrieving-messages; Discord:
-- discord.com/developers/docs/reference, snowflakes).
WITH place AS (
    SELECT p.sent_at, p.thread, p.parent FROM (
        SELECT 0 AS n, k.sent_at, k.thread, k.parent FROM messages k
        WHERE k.platform = @platform AND k.workspace = @workspace AND k.channel = @channel AND k.message_id = @message_id AND k.author_kind <> ''
        UNION ALL
        SELECT 1, r.sent_at, r.thread, r.parent FROM readings r
        WHERE r.platform = @platform AND r.workspace = @workspace AND r.channel = @channel AND r.message_id = @message_id
        UNION ALL
        SELECT 2, CASE WHEN @dated::boolean THEN @sent_at::timestamptz END, @thread::text, @parent::text) AS p
    ORDER BY p.n LIMIT 1
), noted AS (
    INSERT INTO changes (platform, workspace, message_id, channel, thread, deleted, edited_at, xid, at)
    SELECT @platform, @workspace, @message_id, @channel, place.thread, @deleted, @edited_at, pg_current_xact_id()::text::bigint, @at FROM place
    ON CONFLICT (platform, workspace, message_id, channel) DO UPDATE
    SET thread = excluded.thread, deleted = changes.deleted OR excluded.deleted, edited_at = greatest(changes.edited_at, excluded.edited_at),
        xid = excluded.xid, at = excluded.at
), torn AS (
    DELETE FROM chunks WHERE chunks.platform = @platform AND chunks.workspace = @workspace AND chunks.message_ids @> ARRAY[@message_id::text]
)
UPDATE messages m SET text = '', tokens = 0, mentions = '[]', attachments = '[]'
WHERE m.source_turn <> 0 AND m.author_kind = 'self' AND m.deleted_at IS NULL AND m.text <> ''
  AND m.source_turn IN (
    SELECT s.turn_id FROM place, sources s
    WHERE s.platform = @platform AND s.workspace = @workspace AND s.channel IN (@channel, place.parent)
      AND (s.thread = '' OR place.thread = '' OR s.thread = place.thread)
      AND CASE WHEN place.sent_at IS NOT NULL
          THEN (s.from_at, s.from_id) <= (place.sent_at, @message_id::text) AND (s.through_at, s.through_id) >= (place.sent_at, @message_id::text)
          ELSE (length(s.from_id), s.from_id) <= (length(@message_id::text), @message_id::text)
              AND (length(s.through_id), s.through_id) >= (length(@message_id::text), @message_id::text) END)
RETURNING m.platform, m.workspace, m.channel, m.thread, m.message_id, m.sent_at, m.parent;

-- name: ChangedSince :many
-- Which of the messages were edited or deleted by transactions that are not told of in a snapshot.
SELECT c.channel, c.message_id, c.deleted, c.edited_at FROM changes c
WHERE c.platform = @platform AND c.workspace = @workspace AND c.message_id = ANY (@message_ids::text[])
  AND NOT pg_visible_in_snapshot((c.xid::text)::xid8, (@began::text)::pg_snapshot);

-- name: SourceChangedSince :one
-- Whether a message was edited or deleted in a span since a turn began, by another transaction than this.
SELECT EXISTS (SELECT 1 FROM changes c
    WHERE c.platform = @platform AND c.workspace = @workspace AND c.channel = ANY (@channels::text[])
      AND (c.thread = '' OR @thread::text = '' OR c.thread = @thread::text)
      AND (length(c.message_id), c.message_id) >= (length(@from_id::text), @from_id::text)
      AND (length(c.message_id), c.message_id) <= (length(@through_id::text), @through_id::text)
      AND c.xid <> pg_current_xact_id()::text::bigint
      AND NOT pg_visible_in_snapshot((c.xid::text)::xid8, (@began::text)::pg_snapshot));

-- name: SweepChanges :execrows
DELETE FROM changes WHERE at < @before;

-- name: PutSource :exec
INSERT INTO sources (platform, workspace, channel, turn_id, thread, asked, from_at, from_id, through_at, through_id)
VALUES (@platform, @workspace, @channel, @turn_id, @thread, @asked, @from_at, @from_id, @through_at, @through_id)
ON CONFLICT (platform, workspace, channel, turn_id) DO NOTHING;

-- name: DropSources :exec
DELETE FROM sources WHERE turn_id = @turn_id;

-- name: SetSource :exec
-- Says of an answer what it was derived from; erased where that has changed already.
UPDATE messages
SET source_workspace = @source_workspace, source_channel = @source_channel, source_thread = @source_thread, source_turn = @source_turn,
    text = CASE WHEN @changed::boolean THEN '' ELSE text END, tokens = CASE WHEN @changed THEN 0 ELSE tokens END,
    mentions = CASE WHEN @changed THEN '[]' ELSE mentions END, attachments = CASE WHEN @changed THEN '[]' ELSE attachments END
WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND message_id = @message_id AND author_kind = 'self';

-- name: LastSummary :one
SELECT s.through_at, s.through_id FROM sources s JOIN turns t ON t.id = s.turn_id
WHERE s.platform = @platform AND s.workspace = @workspace AND s.channel = @channel AND s.thread = @thread AND s.asked
  AND t.author_id = @user_id AND @user_id <> '' AND t.finished_at IS NOT NULL
ORDER BY t.finished_at DESC
LIMIT 1;

-- name: GetChunk :one
SELECT * FROM chunks WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND thread = @thread AND hash = @hash;

-- name: PutChunk :exec
INSERT INTO chunks (platform, workspace, channel, thread, hash, standing, from_at, from_id, through_at, through_id, message_ids,
    author_ids, text, tokens, kept_at)
VALUES (@platform, @workspace, @channel, @thread, @hash, @standing, @from_at, @from_id, @through_at, @through_id, @message_ids,
    @author_ids, @text, @tokens, @kept_at)
ON CONFLICT (platform, workspace, channel, thread, hash) DO UPDATE
SET standing = excluded.standing, from_at = excluded.from_at, from_id = excluded.from_id, through_at = excluded.through_at,
    through_id = excluded.through_id, message_ids = excluded.message_ids, author_ids = excluded.author_ids, text = excluded.text,
    tokens = excluded.tokens, kept_at = excluded.kept_at;

-- name: StandingChunks :many
SELECT * FROM chunks
WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND thread = @thread AND standing
ORDER BY from_at, from_id;

-- name: ForgetChunks :many
DELETE FROM chunks WHERE platform = @platform AND author_ids @> ARRAY[@user_id::text]
RETURNING platform, workspace, channel, from_at, through_at;

-- name: EraseAnswersOver :many
-- Erases the text of answers that were derived from a span that meets another.
UPDATE messages m SET text = '', tokens = 0, mentions = '[]', attachments = '[]'
WHERE m.source_turn <> 0 AND m.author_kind = 'self' AND m.deleted_at IS NULL AND m.text <> ''
  AND m.source_turn IN (
    SELECT s.turn_id FROM sources s
    WHERE s.platform = @platform AND s.workspace = @workspace AND s.channel = @channel
      AND s.from_at <= @through_at::timestamptz AND s.through_at >= @from_at::timestamptz)
RETURNING m.platform, m.workspace, m.channel, m.thread, m.message_id, m.sent_at, m.parent;

-- name: SweepChunks :execrows
DELETE FROM chunks WHERE from_at < @before;

-- name: SweepSources :exec
DELETE FROM sources s WHERE s.through_at < @before OR NOT EXISTS (SELECT 1 FROM turns t WHERE t.id = s.turn_id);

-- name: TurnBegan :one
SELECT began FROM turns WHERE id = @id;

-- name: ClearSource :exec
UPDATE messages SET source_workspace = '', source_channel = '', source_thread = '', source_turn = 0
WHERE source_turn = @turn_id::bigint AND source_turn <> 0;
