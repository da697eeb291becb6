-- +goose Up

-- leases: what only one replica may do at a time (a connection to Slack, a shard of Discord), and under replica/… the
-- replicas that are alive. Times are the database's own.
CREATE TABLE leases (
    name   text COLLATE "C" PRIMARY KEY,
    holder text COLLATE "C" NOT NULL,
    until  timestamptz NOT NULL
) WITH (fillfactor = 50);

-- +goose Down
DROP TABLE leases;
