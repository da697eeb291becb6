-- Keys begin with platform and workspace, so that every table can be partitioned by them. Ids come from the
-- platforms and are compared byte by byte (COLLATE "C"), as Go compares strings.

-- +goose Up
CREATE TABLE conversations (
    platform      text COLLATE "C" NOT NULL,
    workspace     text COLLATE "C" NOT NULL,
    channel       text COLLATE "C" NOT NULL,
    thread        text COLLATE "C" NOT NULL,
    id            bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    -- ours: an answer was owed here once. Only then is the text of messages kept that address nobody.
    ours          boolean     NOT NULL DEFAULT false,
    history_known boolean     NOT NULL DEFAULT false,
    last_seq      bigint      NOT NULL DEFAULT 0,
    -- lease: the fencing number of the turn that runs, or ran last.
    lease         bigint      NOT NULL DEFAULT 0,
    -- job_id: the River job that was inserted last; queued: it has not begun yet.
    job_id        bigint      NOT NULL DEFAULT 0,
    queued        boolean     NOT NULL DEFAULT false,
    -- first: where the first addressed message stands, null before there is one.
    first_at      timestamptz,
    first_id      text COLLATE "C" NOT NULL DEFAULT '',
    -- newest: the watermark of the thread.
    newest_at     timestamptz NOT NULL,
    newest_id     text COLLATE "C" NOT NULL,
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (platform, workspace, channel, thread)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX conversations_id ON conversations (id);
CREATE INDEX conversations_queued ON conversations (platform, workspace) WHERE queued;

CREATE TABLE messages (
    platform           text COLLATE "C" NOT NULL,
    workspace          text COLLATE "C" NOT NULL,
    channel            text COLLATE "C" NOT NULL,
    message_id         text COLLATE "C" NOT NULL,
    thread             text COLLATE "C" NOT NULL,
    seq                bigint      NOT NULL DEFAULT 0,
    place              text        NOT NULL,
    parent             text        NOT NULL DEFAULT '',
    root               boolean     NOT NULL DEFAULT false,
    author_id          text COLLATE "C" NOT NULL,
    author_name        text        NOT NULL,
    -- author_kind is empty for a delete that came before its message: such a row holds ids only, and is swept.
    author_kind        text        NOT NULL,
    text               text        NOT NULL,
    mentions           jsonb       NOT NULL DEFAULT '[]',
    attachments        jsonb       NOT NULL DEFAULT '[]',
    reply_to           text COLLATE "C" NOT NULL DEFAULT '',
    reply_to_author    text        NOT NULL DEFAULT '',
    reply_to_author_id text        NOT NULL DEFAULT '',
    -- judged: it was asked of this message whether it is owed an answer. History from before the first mention is not.
    judged             boolean     NOT NULL DEFAULT false,
    revision           integer     NOT NULL DEFAULT 0,
    sent_at            timestamptz NOT NULL,
    edited_at          timestamptz,
    deleted_at         timestamptz,
    stored_at          timestamptz NOT NULL,
    PRIMARY KEY (platform, workspace, channel, message_id)
);
CREATE INDEX messages_thread ON messages (platform, workspace, channel, thread, sent_at, message_id)
    WHERE deleted_at IS NULL;
CREATE INDEX messages_channel ON messages (platform, workspace, channel, sent_at, message_id)
    WHERE deleted_at IS NULL;
CREATE INDEX messages_tombstones ON messages (stored_at) WHERE author_kind = '';

-- items is the ledger: one line for each addressed message, and in the end one outcome on each.
CREATE TABLE items (
    platform        text COLLATE "C" NOT NULL,
    workspace       text COLLATE "C" NOT NULL,
    channel         text COLLATE "C" NOT NULL,
    message_id      text COLLATE "C" NOT NULL,
    conversation_id bigint      NOT NULL,
    seq             bigint      NOT NULL,
    sent_at         timestamptz NOT NULL,
    author_id       text COLLATE "C" NOT NULL,
    reason          text        NOT NULL,
    -- refuse: the code of a refusal; told: the refusal was, or will be, said to the person.
    refuse          text        NOT NULL DEFAULT '',
    told            boolean     NOT NULL DEFAULT false,
    accepted_at     timestamptz NOT NULL,
    turn_id         bigint,
    -- revision: the message's revision that the turn was given.
    revision        integer     NOT NULL DEFAULT 0,
    outcome         text,
    outcome_reason  text        NOT NULL DEFAULT '',
    closed_at       timestamptz,
    PRIMARY KEY (platform, workspace, channel, message_id)
);
CREATE INDEX items_open ON items (conversation_id, sent_at, message_id) WHERE outcome IS NULL;
CREATE INDEX items_turn ON items (turn_id) WHERE turn_id IS NOT NULL;
CREATE INDEX items_author ON items (platform, workspace, author_id, accepted_at);
CREATE INDEX items_told ON items (conversation_id, author_id, accepted_at) WHERE told;

-- +goose Down
DROP TABLE items;
DROP TABLE messages;
DROP TABLE conversations;
