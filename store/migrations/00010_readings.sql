-- What is derived from messages, and what summaries and files need.

-- +goose Up
-- tokens: the estimate of text. source: what an answer was derived from, where that is another conversation;
-- source_turn: the turn that wrote it, where sources say what it stands on.
ALTER TABLE messages
    ADD COLUMN tokens           integer NOT NULL DEFAULT 0,
    ADD COLUMN source_workspace text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN source_channel   text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN source_thread    text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN source_turn      bigint  NOT NULL DEFAULT 0;
CREATE INDEX messages_source ON messages (source_turn) WHERE source_turn <> 0;

-- began: which transactions had ended when the turn began. What it is not told of happened since, whatever the clocks say.
ALTER TABLE turns ADD COLUMN began text NOT NULL DEFAULT pg_current_snapshot()::text;

-- changes: edits and deletes of messages, stored or not, by the transaction that took them in. Swept after a day, which is
-- longer than any task.
CREATE TABLE changes (
    platform   text COLLATE "C" NOT NULL,
    workspace  text COLLATE "C" NOT NULL,
    message_id text COLLATE "C" NOT NULL,
    channel    text COLLATE "C" NOT NULL,
    thread     text COLLATE "C" NOT NULL,
    deleted    boolean     NOT NULL,
    edited_at  timestamptz NOT NULL,
    xid        bigint      NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (platform, workspace, message_id, channel)
);
CREATE INDEX changes_at ON changes (at);

-- readings: what a running task reads. It is gone when the task has ended.
CREATE TABLE readings (
    platform           text COLLATE "C" NOT NULL,
    workspace          text COLLATE "C" NOT NULL,
    channel            text COLLATE "C" NOT NULL,
    message_id         text COLLATE "C" NOT NULL,
    turn_id            bigint      NOT NULL,
    thread             text COLLATE "C" NOT NULL,
    place              text        NOT NULL,
    parent             text        NOT NULL,
    root               boolean     NOT NULL,
    author_id          text COLLATE "C" NOT NULL,
    author_name        text        NOT NULL,
    author_kind        text        NOT NULL,
    text               text        NOT NULL,
    tokens             integer     NOT NULL,
    mentions           jsonb       NOT NULL,
    attachments        jsonb       NOT NULL,
    reply_to           text COLLATE "C" NOT NULL,
    reply_to_author    text        NOT NULL,
    reply_to_author_id text        NOT NULL,
    sent_at            timestamptz NOT NULL,
    edited_at          timestamptz,
    read_at            timestamptz NOT NULL,
    PRIMARY KEY (platform, workspace, channel, message_id, turn_id)
);
CREATE INDEX readings_turn ON readings (turn_id, sent_at, message_id);
CREATE INDEX readings_read ON readings (read_at);

-- chunks: what pieces of conversations were found to hold.
CREATE TABLE chunks (
    platform    text COLLATE "C" NOT NULL,
    workspace   text COLLATE "C" NOT NULL,
    channel     text COLLATE "C" NOT NULL,
    thread      text COLLATE "C" NOT NULL,
    hash        text COLLATE "C" NOT NULL,
    standing    boolean     NOT NULL,
    from_at     timestamptz NOT NULL,
    from_id     text COLLATE "C" NOT NULL,
    through_at  timestamptz NOT NULL,
    through_id  text COLLATE "C" NOT NULL,
    message_ids text[] COLLATE "C" NOT NULL,
    author_ids  text[] COLLATE "C" NOT NULL,
    text        text        NOT NULL,
    tokens      integer     NOT NULL,
    kept_at     timestamptz NOT NULL,
    PRIMARY KEY (platform, workspace, channel, thread, hash)
);
-- Without a list of what is pending: each edit and delete looks here.
CREATE INDEX chunks_members ON chunks USING gin (message_ids, author_ids) WITH (fastupdate = off);
CREATE INDEX chunks_standing ON chunks (platform, workspace, channel, thread, from_at, from_id) WHERE standing;
CREATE INDEX chunks_from ON chunks (from_at);

-- sources: the spans that answers were derived from, a row for each channel that was read. asked: it is the conversation
-- that the person named, and no thread below it with a channel of its own.
CREATE TABLE sources (
    platform   text COLLATE "C" NOT NULL,
    workspace  text COLLATE "C" NOT NULL,
    channel    text COLLATE "C" NOT NULL,
    turn_id    bigint      NOT NULL,
    thread     text COLLATE "C" NOT NULL,
    asked      boolean     NOT NULL,
    from_at    timestamptz NOT NULL,
    from_id    text COLLATE "C" NOT NULL,
    through_at timestamptz NOT NULL,
    through_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (platform, workspace, channel, turn_id)
);
CREATE INDEX sources_turn ON sources (turn_id);

-- media: what a content shows or says, once for each workspace; media_uses: the messages that hold it, and what became of
-- each file. The last use takes the content with it.
CREATE TABLE media (
    platform    text COLLATE "C" NOT NULL,
    workspace   text COLLATE "C" NOT NULL,
    sha256      text COLLATE "C" NOT NULL,
    verdict     text        NOT NULL,
    description text        NOT NULL,
    tokens      integer     NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (platform, workspace, sha256)
);
CREATE TABLE media_uses (
    platform      text COLLATE "C" NOT NULL,
    workspace     text COLLATE "C" NOT NULL,
    channel       text COLLATE "C" NOT NULL,
    message_id    text COLLATE "C" NOT NULL,
    attachment_id text COLLATE "C" NOT NULL,
    -- sha256 is empty where the bytes could not be had.
    sha256        text COLLATE "C" NOT NULL,
    verdict       text        NOT NULL,
    author_id     text COLLATE "C" NOT NULL,
    sent_at       timestamptz NOT NULL,
    noted_at      timestamptz NOT NULL,
    PRIMARY KEY (platform, workspace, channel, message_id, attachment_id)
);
CREATE INDEX media_uses_content ON media_uses (platform, workspace, sha256);
CREATE INDEX media_uses_author ON media_uses (platform, author_id);
CREATE INDEX media_uses_sent ON media_uses (sent_at);

-- forgotten: who was forgotten, and when: what they wrote before is not stored again. The hash is of platform and id.
CREATE TABLE forgotten (
    person       bytea PRIMARY KEY,
    forgotten_at timestamptz NOT NULL
);

-- +goose Down
DROP TABLE forgotten;
DROP TABLE media_uses;
DROP TABLE media;
DROP TABLE sources;
DROP TABLE chunks;
DROP TABLE readings;
DROP TABLE changes;
ALTER TABLE turns DROP COLUMN began;
DROP INDEX messages_source;
ALTER TABLE messages
    DROP COLUMN tokens,
    DROP COLUMN source_workspace,
    DROP COLUMN source_channel,
    DROP COLUMN source_thread,
    DROP COLUMN source_turn;
