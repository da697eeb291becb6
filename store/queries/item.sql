-- name: GetView :one
-- What Decide is shown of a message's author and of the message it answers.
SELECT
    (SELECT count(*) FROM (SELECT 1 FROM items i
     WHERE i.platform = @platform AND i.workspace = @workspace AND i.author_id = @author_id
       AND i.accepted_at > @minute_ago::timestamptz AND i.refuse = '' AND (i.outcome IS NULL OR i.outcome = 'answered')
     LIMIT 500) AS counted) AS recent,
    EXISTS (SELECT 1 FROM items t
     WHERE t.conversation_id = @conversation_id AND t.author_id = @author_id AND t.told
       AND t.accepted_at > CASE t.refuse WHEN 'rate' THEN @minute_ago::timestamptz ELSE @hour_ago::timestamptz END) AS told,
    EXISTS (SELECT 1 FROM items t
     WHERE t.conversation_id = @conversation_id AND t.told AND t.refuse = 'missed' AND t.accepted_at > @hour_ago::timestamptz) AS told_missed,
    (EXISTS (SELECT 1 FROM messages m
     WHERE m.platform = @platform AND m.workspace = @workspace AND m.channel = @channel AND m.message_id = @reply_to
       AND m.author_kind = 'self')
    OR EXISTS (SELECT 1 FROM sends s
     WHERE s.platform = @platform AND s.workspace = @workspace AND s.channel = @channel AND s.message_id = @reply_to
       AND s.message_id <> ''))::boolean AS reply_to_self,
    EXISTS (SELECT 1 FROM items w
     WHERE w.conversation_id = @conversation_id AND w.author_id = @author_id AND w.outcome IS NULL) AS waiting;

-- name: OpenItem :execrows
-- Writes a line of the ledger; with an outcome it is closed at once.
INSERT INTO items (platform, workspace, channel, message_id, conversation_id, seq, sent_at, author_id, reason, refuse, told,
    accepted_at, outcome, outcome_reason, closed_at)
VALUES (@platform, @workspace, @channel, @message_id, @conversation_id, @seq, @sent_at, @author_id, @reason, @refuse, @told,
    @accepted_at, @outcome, @outcome_reason, @closed_at)
ON CONFLICT DO NOTHING;

-- name: OwesTurn :one
-- Whether something is left to do in a conversation: an answer, or taking away what an unfinished one has left. What a
-- task does is not counted.
SELECT (EXISTS (SELECT 1 FROM items i WHERE i.conversation_id = @conversation_id AND i.outcome IS NULL
        AND NOT EXISTS (SELECT 1 FROM turns a WHERE a.id = i.turn_id AND a.aside AND a.finished_at IS NULL))
    OR EXISTS (SELECT 1 FROM turns t WHERE t.conversation_id = @conversation_id AND t.finished_at IS NULL AND NOT t.aside))::boolean;

-- name: GetItem :one
SELECT * FROM items WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND message_id = @message_id;

-- name: WithdrawItem :execrows
UPDATE items SET outcome = 'withdrawn', closed_at = @closed_at::timestamptz
WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND message_id = @message_id AND outcome IS NULL;

-- name: OpenItems :many
-- The open items of a conversation that no task has, with their messages, in the order in which people wrote them.
SELECT sqlc.embed(i), sqlc.embed(m) FROM items i
JOIN messages m ON m.platform = i.platform AND m.workspace = i.workspace AND m.channel = i.channel AND m.message_id = i.message_id
WHERE i.conversation_id = @conversation_id AND i.outcome IS NULL
  AND NOT EXISTS (SELECT 1 FROM turns a WHERE a.id = i.turn_id AND a.aside AND a.finished_at IS NULL)
ORDER BY i.sent_at, i.message_id
LIMIT @most;

-- name: TurnItems :many
-- The items of a turn that are still open, with their messages.
SELECT sqlc.embed(i), sqlc.embed(m) FROM items i
JOIN messages m ON m.platform = i.platform AND m.workspace = i.workspace AND m.channel = i.channel AND m.message_id = i.message_id
WHERE i.turn_id = @turn_id::bigint AND i.outcome IS NULL
ORDER BY i.sent_at, i.message_id;

-- name: TurnPlace :one
-- Where a turn was asked, whatever became of its items.
SELECT m.place FROM items i
JOIN messages m ON m.platform = i.platform AND m.workspace = i.workspace AND m.channel = i.channel AND m.message_id = i.message_id
WHERE i.turn_id = @turn_id::bigint
LIMIT 1;

-- name: AssignItems :exec
UPDATE items i SET turn_id = @turn_id::bigint, revision = m.revision
FROM messages m
WHERE i.platform = @platform AND i.workspace = @workspace AND i.channel = @channel AND i.message_id = ANY (@message_ids::text[])
  AND i.outcome IS NULL
  AND m.platform = i.platform AND m.workspace = i.workspace AND m.channel = i.channel AND m.message_id = i.message_id;

-- name: CloseItems :exec
UPDATE items SET outcome = @outcome::text, outcome_reason = @outcome_reason, closed_at = @closed_at::timestamptz
WHERE turn_id = @turn_id::bigint AND outcome IS NULL;

-- name: ReopenItems :execrows
-- Opens what a turn has closed by an answer. The lines count as new ones in what a person may ask within a minute.
UPDATE items SET outcome = NULL, outcome_reason = '', closed_at = NULL, accepted_at = @accepted_at
WHERE turn_id = @turn_id::bigint AND outcome IN ('answered', 'failed');

-- name: LastAsked :one
SELECT sent_at, message_id FROM items WHERE turn_id = @turn_id::bigint ORDER BY sent_at DESC, message_id DESC LIMIT 1;

-- name: CountOpenItems :one
SELECT count(*) FROM items WHERE outcome IS NULL;

-- name: StopItems :exec
-- Withdraws what a person waits for in a conversation and for which no turn has begun.
WITH stopped AS (
    UPDATE items i SET outcome = 'withdrawn', outcome_reason = 'stopped', closed_at = @closed_at::timestamptz
    WHERE i.conversation_id = @conversation_id AND i.author_id = @author_id AND i.outcome IS NULL
      AND NOT EXISTS (SELECT 1 FROM turns t WHERE t.id = i.turn_id AND t.finished_at IS NULL)
    RETURNING i.platform, i.workspace, i.channel, i.message_id
)
UPDATE messages m SET ask = m.ask - 'handle' FROM stopped
WHERE m.platform = stopped.platform AND m.workspace = stopped.workspace AND m.channel = stopped.channel
  AND m.message_id = stopped.message_id AND m.ask IS NOT NULL;

-- name: DropHandles :exec
-- Takes away what the commands of a turn could be answered by.
UPDATE messages m SET ask = m.ask - 'handle' FROM items i
WHERE i.turn_id = @turn_id::bigint AND m.platform = i.platform AND m.workspace = i.workspace AND m.channel = i.channel
  AND m.message_id = i.message_id AND m.ask IS NOT NULL;
