-- Commands, answers that are stopped, and tasks.

-- +goose Up
-- ask: what a command asks for; null on a message of the platform. Its handle is a secret and goes when the item is closed.
ALTER TABLE messages ADD COLUMN ask jsonb;

-- aside: it was handed over to a task, which runs beside the conversation's own turns, by its own job (job_id) and under its
-- own lease. task_kind is empty where its question was edited since: what it is to be is decided again. task_data is kept
-- while it is not finished.
-- stopped: the person who asked wants no more of the answer.
ALTER TABLE turns
    ADD COLUMN stopped   boolean NOT NULL DEFAULT false,
    ADD COLUMN aside     boolean NOT NULL DEFAULT false,
    ADD COLUMN task_kind text    NOT NULL DEFAULT '',
    ADD COLUMN task_data bytea,
    ADD COLUMN handed_at timestamptz,
    ADD COLUMN job_id    bigint  NOT NULL DEFAULT 0;

-- A conversation has at most one turn of its own that is not finished, and one digest.
DROP INDEX turns_unfinished;
CREATE UNIQUE INDEX turns_unfinished ON turns (conversation_id) WHERE finished_at IS NULL AND NOT aside;
CREATE INDEX turns_aside ON turns (conversation_id) WHERE finished_at IS NULL AND aside;
CREATE UNIQUE INDEX turns_digest ON turns (conversation_id) WHERE finished_at IS NULL AND task_kind = 'digest';
DROP INDEX turns_stale;
CREATE INDEX turns_interrupted ON turns (id) WHERE (stale OR stopped) AND finished_at IS NULL;

-- workspace, channel and thread of a part are those of the place where it stands, which may be another than its turn's.
CREATE UNIQUE INDEX sends_turn ON sends (turn_id, number);

-- +goose Down
-- The questions of tasks wait again for a turn.
DELETE FROM river_job WHERE kind = 'task';
UPDATE items i SET turn_id = NULL FROM turns t WHERE t.id = i.turn_id AND t.finished_at IS NULL AND t.aside AND i.outcome IS NULL;
UPDATE turns SET finished_at = now(), outcome = 'withdrawn' WHERE finished_at IS NULL AND aside;
DROP INDEX sends_turn;
DROP INDEX turns_interrupted;
CREATE INDEX turns_stale ON turns (id) WHERE stale AND finished_at IS NULL;
DROP INDEX turns_digest;
DROP INDEX turns_aside;
DROP INDEX turns_unfinished;
CREATE UNIQUE INDEX turns_unfinished ON turns (conversation_id) WHERE finished_at IS NULL;
ALTER TABLE turns
    DROP COLUMN stopped,
    DROP COLUMN aside,
    DROP COLUMN task_kind,
    DROP COLUMN task_data,
    DROP COLUMN handed_at,
    DROP COLUMN job_id;
ALTER TABLE messages DROP COLUMN ask;
