-- name: HandOver :execrows
-- Makes a task of a turn that holds its lease. The task counts its attempts anew, unless an earlier answer has sent a
-- file: those are numbered by the attempt. What is sent to a person alone is numbered from 1048576 on.
UPDATE turns t SET aside = true, task_kind = @task_kind, task_data = @task_data, handed_at = @handed_at::timestamptz, job_id = 0,
    attempt = CASE WHEN EXISTS (SELECT 1 FROM sends s WHERE s.turn_id = t.id AND s.number % 1048576 >= @file_part) THEN t.attempt ELSE 0 END,
    model = @model, prompt_hash = @prompt_hash,
    input_tokens = least(input_tokens::bigint + @input_tokens::bigint, 2147483647)::integer,
    cached_tokens = least(cached_tokens::bigint + @cached_tokens::bigint, 2147483647)::integer,
    output_tokens = least(output_tokens::bigint + @output_tokens::bigint, 2147483647)::integer,
    estimated = estimated OR @estimated::boolean, cost_usd = least(cost_usd + (@cost_usd::float8)::numeric, 999999)
WHERE t.id = @id AND t.lease = @lease AND t.finished_at IS NULL AND NOT t.stale;

-- name: InsertDigest :one
-- Asks for a digest of a conversation. No row comes back where one waits or runs.
INSERT INTO turns (platform, workspace, conversation_id, channel, author_id, lease, attempt, queued_at, begun_at, handed_at, aside, task_kind)
SELECT c.platform, c.workspace, c.id, c.channel, '', 0, 0, @at::timestamptz, @at::timestamptz, @at::timestamptz, true, 'digest'
FROM conversations c WHERE c.id = @conversation_id
ON CONFLICT DO NOTHING
RETURNING id;

-- name: GetTurn :one
SELECT * FROM turns WHERE id = @id;

-- name: PlaceOfConversation :one
-- What kind of place a conversation is, by its newest message.
SELECT place FROM messages
WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND thread = @thread AND deleted_at IS NULL
ORDER BY sent_at DESC, message_id DESC
LIMIT 1;

-- name: CountTasks :one
-- Counts the unfinished tasks of a workspace, up to a limit.
SELECT count(*) FROM (
    SELECT 1 FROM turns WHERE platform = @platform AND workspace = @workspace AND finished_at IS NULL AND aside LIMIT @most
) AS unfinished;
