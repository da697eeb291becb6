-- name: AcquireLease :one
-- Takes the first free one of the names. No row comes back where none is free; taken is false where another took the
-- free one at the same moment.
WITH free AS (
    SELECT n.name, n.place FROM unnest(@names::text[]) WITH ORDINALITY AS n (name, place)
    LEFT JOIN leases l ON l.name = n.name
    WHERE l.name IS NULL OR l.until <= clock_timestamp()
    ORDER BY n.place LIMIT 1
), taken AS (
    INSERT INTO leases (name, holder, until)
    SELECT free.name, @holder::text, clock_timestamp() + make_interval(secs => @seconds::float8) FROM free
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
    WHERE leases.until <= clock_timestamp()
    RETURNING name
)
SELECT free.name::text AS name, EXISTS (SELECT 1 FROM taken)::boolean AS taken FROM free;

-- name: RenewLeases :one
-- Renews what the holder has and its own line among the replicas. renewed are the names that it still holds, others
-- the other replicas that are alive.
WITH own AS (
    INSERT INTO leases (name, holder, until)
    VALUES ('replica/' || @holder::text, @holder, clock_timestamp() + make_interval(secs => @seconds::float8))
    ON CONFLICT (name) DO UPDATE SET until = excluded.until
), renewed AS (
    UPDATE leases SET until = clock_timestamp() + make_interval(secs => @seconds)
    WHERE name = ANY (@names::text[]) AND holder = @holder AND until > clock_timestamp()
    RETURNING name
)
SELECT coalesce((SELECT array_agg(r.name) FROM renewed r), '{}')::text[] AS renewed,
    (SELECT count(*) FROM leases l
     WHERE l.name >= 'replica/' AND l.name < 'replica0' AND l.holder <> @holder AND l.until > clock_timestamp()) AS others;

-- name: ReleaseLease :exec
DELETE FROM leases WHERE name = @name AND holder = @holder;

-- name: ReleaseAllLeases :exec
DELETE FROM leases WHERE holder = @holder;

-- name: ForgetLeases :exec
-- Deletes what nobody has held for an hour; with all, what predecessors left who are known to be dead.
DELETE FROM leases WHERE until < clock_timestamp() - interval '1 hour' OR @all_of_them::boolean;
