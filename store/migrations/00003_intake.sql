-- +goose Up

-- deliveries: the platform's event ids, to know a redelivery by. Swept after a day.
CREATE TABLE deliveries (
    platform  text COLLATE "C" NOT NULL,
    workspace text COLLATE "C" NOT NULL,
    event_id  text COLLATE "C" NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (platform, workspace, event_id)
);
CREATE INDEX deliveries_at ON deliveries (at);

-- strays: threads in which something was said that concerned no conversation of ours, without the text. A mention
-- that was overtaken by it learns here that the thread has more than its root. Swept after 15 minutes.
CREATE TABLE strays (
    platform  text COLLATE "C" NOT NULL,
    workspace text COLLATE "C" NOT NULL,
    channel   text COLLATE "C" NOT NULL,
    thread    text COLLATE "C" NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (platform, workspace, channel, thread)
);
CREATE INDEX strays_at ON strays (at);

-- watermarks: the newest message of each channel that was accepted, stored or not.
CREATE TABLE watermarks (
    platform   text COLLATE "C" NOT NULL,
    workspace  text COLLATE "C" NOT NULL,
    channel    text COLLATE "C" NOT NULL,
    sent_at    timestamptz NOT NULL,
    message_id text COLLATE "C" NOT NULL,
    place      text        NOT NULL,
    PRIMARY KEY (platform, workspace, channel)
) WITH (fillfactor = 50);

-- +goose Down
DROP TABLE watermarks;
DROP TABLE strays;
DROP TABLE deliveries;
