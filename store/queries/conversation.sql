-- name: TakeSeq :one
-- Locks the conversation, hands out the next seq and moves the thread's watermark.
UPDATE conversations
SET last_seq = last_seq + 1,
    newest_at = CASE WHEN (newest_at, newest_id) < (@sent_at::timestamptz, @message_id::text) THEN @sent_at ELSE newest_at END,
    newest_id = CASE WHEN (newest_at, newest_id) < (@sent_at::timestamptz, @message_id::text) THEN @message_id ELSE newest_id END
WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND thread = @thread
RETURNING *;

-- name: CreateConversation :one
-- Begins a conversation. Its history is known when it begins with its root and nothing was said after that unstored.
INSERT INTO conversations (platform, workspace, channel, thread, last_seq, history_known, newest_at, newest_id, created_at, verified_at)
VALUES (@platform, @workspace, @channel, @thread, 1,
    @root::boolean AND NOT EXISTS (SELECT 1 FROM strays s
        WHERE s.platform = @platform AND s.workspace = @workspace AND s.channel = @channel AND s.thread = @thread),
    @sent_at, @message_id, @created_at, @created_at)
ON CONFLICT (platform, workspace, channel, thread) DO UPDATE SET last_seq = conversations.last_seq + 1
RETURNING *;

-- name: LockConversation :one
SELECT * FROM conversations
WHERE platform = @platform AND workspace = @workspace AND channel = @channel AND thread = @thread
FOR UPDATE;

-- name: LockConversationByID :one
SELECT * FROM conversations WHERE id = @id FOR UPDATE;

-- name: LockLease :one
-- Locks the conversation, then the turn, for a write of the turn that holds this lease. Both rows are looked at as they
-- are once they are locked.
SELECT c.* FROM conversations c JOIN turns t ON t.id = @turn_id
WHERE c.id = @id AND t.lease = @lease AND t.finished_at IS NULL
FOR UPDATE OF c, t;

-- name: BeginConversation :exec
-- Notes that an item was opened: whether the conversation is ours, and where its first addressed message stands.
UPDATE conversations
SET ours = @ours, history_known = @history_known, first_at = @first_at, first_id = @first_id
WHERE id = @id;

-- name: SetHistoryKnown :exec
UPDATE conversations SET history_known = true, verified_at = @verified_at WHERE id = @id;

-- name: SetLastSeq :exec
UPDATE conversations SET last_seq = @last_seq WHERE id = @id;

-- name: CountQueued :one
-- Counts the workspace's conversations that wait for a worker, up to a limit.
SELECT count(*) FROM (
    SELECT 1 FROM conversations WHERE platform = @platform AND workspace = @workspace AND queued LIMIT @most
) AS waiting;
