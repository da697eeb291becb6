-- +goose Up

-- budgets: what a day's budgets have lost to turns: what ended ones cost, and what running ones may still cost. One row of
-- a day is for all of this database together, without platform and author; the others are one for each person.
CREATE TABLE budgets (
    day       timestamptz NOT NULL, -- 00:00 UTC
    platform  text COLLATE "C" NOT NULL,
    author_id text COLLATE "C" NOT NULL,
    usd       numeric(16, 8) NOT NULL,
    tokens    bigint      NOT NULL,
    warned    boolean     NOT NULL DEFAULT false,
    PRIMARY KEY (day, platform, author_id)
) WITH (fillfactor = 50);

-- reservations: what a running turn may still cost at most, as it is counted in the budgets of that day.
CREATE TABLE reservations (
    turn_id bigint PRIMARY KEY,
    day     timestamptz NOT NULL,
    usd     numeric(16, 8) NOT NULL,
    tokens  bigint      NOT NULL
);

-- +goose Down
DROP TABLE reservations;
DROP TABLE budgets;
