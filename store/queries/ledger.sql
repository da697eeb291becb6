-- name: OpenLedger :many
-- The lines of the ledger without an outcome, the oldest first; begun_at is null while no turn runs for them,
-- handed_at unless a task does.
SELECT i.platform, i.workspace, i.channel, i.message_id, i.author_id, i.sent_at, i.accepted_at,
    t.begun_at, t.handed_at
FROM items i LEFT JOIN turns t ON t.id = i.turn_id AND t.finished_at IS NULL
WHERE i.outcome IS NULL
ORDER BY i.accepted_at, i.platform, i.workspace, i.channel, i.message_id
LIMIT @most;
