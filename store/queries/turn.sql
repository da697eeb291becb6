-- name: UnfinishedTurn :one
SELECT * FROM turns WHERE conversation_id = @conversation_id AND finished_at IS NULL;

-- name: InsertTurn :one
INSERT INTO turns (platform, workspace, conversation_id, channel, author_id, lease, queued_at, begun_at)
VALUES (@platform, @workspace, @conversation_id, @channel, @author_id, @lease, @queued_at, @begun_at)
RETURNING id;

-- name: ResumeTurn :one
UPDATE turns SET lease = @lease, attempt = attempt + 1 WHERE id = @id RETURNING attempt;

-- name: FinishTurn :execrows
UPDATE turns SET finished_at = @finished_at::timestamptz, outcome = @outcome, reason = @reason, detail = @detail, model = @model,
    prompt_hash = @prompt_hash, input_tokens = @input_tokens, cached_tokens = @cached_tokens, output_tokens = @output_tokens,
    estimated = @estimated, cost_usd = (@cost_usd::float8)::numeric, omitted = @omitted, queued_us = @queued_us,
    packed_us = @packed_us, first_token_us = @first_token_us, first_visible_us = @first_visible_us, total_us = @total_us
WHERE id = @id AND lease = @lease AND finished_at IS NULL;
