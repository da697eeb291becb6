-- name: LoadMemory :one
SELECT value FROM memory WHERE name = @name;

-- name: SaveMemory :exec
INSERT INTO memory (name, value) VALUES (@name, @value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, saved_at = now();
