-- +goose Up
CREATE INDEX messages_sent ON messages (sent_at);

-- +goose Down
DROP INDEX messages_sent;
