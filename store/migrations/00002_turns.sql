-- +goose Up
CREATE TABLE turns (
    platform          text COLLATE "C" NOT NULL,
    workspace         text COLLATE "C" NOT NULL,
    id                bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    conversation_id   bigint      NOT NULL,
    channel           text COLLATE "C" NOT NULL,
    author_id         text COLLATE "C" NOT NULL,
    lease             bigint      NOT NULL,
    attempt           integer     NOT NULL DEFAULT 1,
    queued_at         timestamptz NOT NULL,
    begun_at          timestamptz NOT NULL,
    finished_at       timestamptz,
    outcome           text        NOT NULL DEFAULT '',
    reason            text        NOT NULL DEFAULT '',
    detail            text        NOT NULL DEFAULT '',
    model             text        NOT NULL DEFAULT '',
    prompt_hash       text        NOT NULL DEFAULT '',
    input_tokens      integer     NOT NULL DEFAULT 0,
    cached_tokens     integer     NOT NULL DEFAULT 0,
    output_tokens     integer     NOT NULL DEFAULT 0,
    estimated         boolean     NOT NULL DEFAULT false,
    cost_usd          numeric(14, 8) NOT NULL DEFAULT 0,
    omitted           integer     NOT NULL DEFAULT 0,
    -- microseconds from queued_at, 0 where the stage was not reached
    queued_us         bigint      NOT NULL DEFAULT 0,
    packed_us         bigint      NOT NULL DEFAULT 0,
    first_token_us    bigint      NOT NULL DEFAULT 0,
    first_visible_us  bigint      NOT NULL DEFAULT 0,
    total_us          bigint      NOT NULL DEFAULT 0,
    PRIMARY KEY (platform, workspace, id)
);
CREATE UNIQUE INDEX turns_id ON turns (id);
-- A conversation has at most one turn that is not finished.
CREATE UNIQUE INDEX turns_unfinished ON turns (conversation_id) WHERE finished_at IS NULL;
CREATE INDEX turns_finished ON turns (finished_at) WHERE finished_at IS NOT NULL;

-- sends: the intent to send a part of an answer is stored before the call, the platform's id after it.
CREATE TABLE sends (
    platform    text COLLATE "C" NOT NULL,
    workspace   text COLLATE "C" NOT NULL,
    turn_id     bigint      NOT NULL,
    number      integer     NOT NULL,
    channel     text COLLATE "C" NOT NULL,
    thread      text COLLATE "C" NOT NULL,
    send_id     text COLLATE "C" NOT NULL,
    message_id  text COLLATE "C" NOT NULL DEFAULT '',
    intended_at timestamptz NOT NULL,
    sent_at     timestamptz,
    PRIMARY KEY (platform, workspace, turn_id, number)
);
CREATE INDEX sends_message ON sends (platform, workspace, channel, message_id) WHERE message_id <> '';

-- +goose Down
DROP TABLE sends;
DROP TABLE turns;
