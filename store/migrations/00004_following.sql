-- What follows the platform: edits and deletes of questions, and absences.

-- +goose Up
-- stale: a question was edited or deleted after the turn had read it. What the turn writes is not recorded; it runs again.
ALTER TABLE turns ADD COLUMN stale boolean NOT NULL DEFAULT false;
CREATE INDEX turns_stale ON turns (id) WHERE stale AND finished_at IS NULL;

-- verified_at: when the stored history was last known to be what the platform holds. It is of use with history_known.
ALTER TABLE conversations ADD COLUMN verified_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE conversations ALTER COLUMN verified_at DROP DEFAULT;

-- presence: until when a platform has been read without a gap, and when its last gap ended. Workspace is empty: all of
-- a platform's workspaces share a connection.
CREATE TABLE presence (
    platform  text COLLATE "C" NOT NULL,
    workspace text COLLATE "C" NOT NULL,
    online_at timestamptz NOT NULL,
    gap_at    timestamptz,
    PRIMARY KEY (platform, workspace)
) WITH (fillfactor = 50);

-- Jobs wait in the queue of their platform.
UPDATE river_job j SET queue = c.platform FROM conversations c WHERE c.job_id = j.id AND j.finalized_at IS NULL;

-- +goose Down
UPDATE river_job j SET queue = 'default' FROM conversations c WHERE c.job_id = j.id AND j.finalized_at IS NULL;
DROP TABLE presence;
ALTER TABLE conversations DROP COLUMN verified_at;
DROP INDEX turns_stale;
ALTER TABLE turns DROP COLUMN stale;
