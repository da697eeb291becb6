-- name: UnfinishedTurn :one
SELECT * FROM turns WHERE conversation_id = @conversation_id AND finished_at IS NULL AND NOT aside;

-- name: InsertTurn :one
INSERT INTO turns (platform, workspace, conversation_id, channel, author_id, lease, queued_at, begun_at)
VALUES (@platform, @workspace, @conversation_id, @channel, @author_id, @lease, @queued_at, @begun_at)
RETURNING id;

-- name: ResumeTurn :one
-- The attempt reads the questions, and what its answer stands on, as they are now.
UPDATE turns SET lease = @lease, attempt = attempt + 1, stale = false, began = pg_current_snapshot()::text WHERE id = @id RETURNING attempt;

-- name: MarkStale :one
-- Notes that a question of an unfinished turn has changed.
UPDATE turns t SET stale = true FROM items i
WHERE i.platform = @platform AND i.workspace = @workspace AND i.channel = @channel AND i.message_id = @message_id
  AND t.id = i.turn_id AND t.finished_at IS NULL
RETURNING t.id, t.lease;

-- name: InterruptedTurns :many
-- Unfinished turns whose questions have changed, or that are stopped.
SELECT id, lease, stale, stopped FROM turns WHERE (stale OR stopped) AND finished_at IS NULL;

-- name: IsStale :one
SELECT (stale AND finished_at IS NULL)::boolean FROM turns WHERE id = @id;

-- name: ReopenTurn :execrows
-- It is stale until its next attempt begins: its last one may still be about to record, once more, what it has recorded.
UPDATE turns SET finished_at = NULL, outcome = '', reason = '', detail = '', stale = true, queued_at = @queued_at,
    stopped = false, aside = false, task_kind = '', handed_at = NULL
WHERE id = @id AND finished_at IS NOT NULL;

-- name: FinishTurn :execrows
-- Tokens and cost add up over the answers to an edited question.
UPDATE turns SET finished_at = @finished_at::timestamptz, outcome = @outcome, reason = @reason, detail = @detail, model = @model,
    prompt_hash = @prompt_hash,
    input_tokens = least(input_tokens::bigint + @input_tokens::bigint, 2147483647)::integer,
    cached_tokens = least(cached_tokens::bigint + @cached_tokens::bigint, 2147483647)::integer,
    output_tokens = least(output_tokens::bigint + @output_tokens::bigint, 2147483647)::integer,
    estimated = estimated OR @estimated::boolean, cost_usd = least(cost_usd + (@cost_usd::float8)::numeric, 999999),
    omitted = @omitted, queued_us = @queued_us,
    packed_us = @packed_us, first_token_us = @first_token_us, first_visible_us = @first_visible_us, total_us = @total_us, task_data = NULL
WHERE id = @id AND lease = @lease AND finished_at IS NULL AND NOT stale;

-- name: StopAnswers :many
-- Notes that a person wants no more of the answers that are not finished: of one, or of all in a conversation.
UPDATE turns SET stopped = true
WHERE conversation_id = @conversation_id AND author_id = @author_id AND finished_at IS NULL AND NOT stopped
  AND (@turn_id::bigint = 0 OR id = @turn_id::bigint)
RETURNING id, lease;

-- name: TurnOfPart :one
-- The turn of which a message is a part.
SELECT t.id, t.conversation_id FROM sends s JOIN turns t ON t.id = s.turn_id
WHERE s.platform = @platform AND s.workspace = @workspace AND s.channel = @channel AND s.message_id = @message_id AND s.message_id <> ''
LIMIT 1;
