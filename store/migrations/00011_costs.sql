-- What turns cost by model.

-- +goose Up
-- turn_costs: what other models than the turn's own have used of what the turn cost in all: one that sees, or writes speech
-- down. heard_ms is the sound, in milliseconds, that was paid for by its length.
CREATE TABLE turn_costs (
    turn_id       bigint  NOT NULL,
    model         text COLLATE "C" NOT NULL,
    input_tokens  integer NOT NULL,
    cached_tokens integer NOT NULL,
    output_tokens integer NOT NULL,
    heard_ms      bigint  NOT NULL,
    cost_usd      numeric(14, 8) NOT NULL,
    PRIMARY KEY (turn_id, model)
);

-- +goose Down
DROP TABLE turn_costs;
