-- name: InsertDelivery :execrows
INSERT INTO deliveries (platform, workspace, event_id, at) VALUES (@platform, @workspace, @event_id, @at)
ON CONFLICT DO NOTHING;

-- name: SerializeThread :exec
-- Serialises those who find no conversation of this key: the one that begins it, and the one that only notes a stray.
SELECT pg_advisory_xact_lock(hashtextextended(@thread_key::text, 0));

-- name: NoteStray :exec
INSERT INTO strays (platform, workspace, channel, thread, at) VALUES (@platform, @workspace, @channel, @thread, @at)
ON CONFLICT (platform, workspace, channel, thread) DO UPDATE SET at = excluded.at;

-- name: MoveWatermark :exec
INSERT INTO watermarks (platform, workspace, channel, sent_at, message_id, place)
VALUES (@platform, @workspace, @channel, @sent_at, @message_id, @place)
ON CONFLICT (platform, workspace, channel) DO UPDATE SET sent_at = excluded.sent_at, message_id = excluded.message_id
WHERE (watermarks.sent_at, watermarks.message_id) < (excluded.sent_at, excluded.message_id);

-- name: SweepDeliveries :execrows
DELETE FROM deliveries WHERE at < @before;

-- name: SweepStrays :execrows
DELETE FROM strays WHERE at < @before;

-- name: SweepTombstones :execrows
DELETE FROM messages WHERE author_kind = '' AND stored_at < @before;
