-- +goose Up
-- What a process has learnt of the world outside, such as a model server's true window. It concerns nobody in particular.
CREATE TABLE memory (
    name     text PRIMARY KEY,
    value    bytea NOT NULL,
    saved_at timestamptz NOT NULL DEFAULT now()
);

-- +goose Down
DROP TABLE memory;
