-- name: SeedBudget :exec
-- Opens an account with what has been spent since the day began: a budget may be set in the middle of it.
INSERT INTO budgets (day, platform, author_id, usd, tokens)
SELECT @day::timestamptz, @platform::text, @author_id::text,
    coalesce(sum(t.cost_usd), 0), coalesce(sum(t.input_tokens::bigint + t.output_tokens), 0)::bigint
FROM turns t
WHERE t.finished_at >= @day::timestamptz AND (@author_id::text = '' OR t.platform = @platform::text AND t.author_id = @author_id::text)
ON CONFLICT DO NOTHING;

-- name: LockBudget :one
SELECT usd::float8 AS usd, tokens, warned FROM budgets
WHERE day = @day AND platform = @platform AND author_id = @author_id FOR UPDATE;

-- name: ReadBudgets :many
SELECT author_id, usd::float8 AS usd, tokens FROM budgets
WHERE day = @day AND (author_id = '' OR platform = @platform AND author_id = @author_id);

-- name: AddToBudget :exec
UPDATE budgets SET usd = greatest(usd + (@usd::float8)::numeric, 0), tokens = greatest(tokens + @tokens::bigint, 0)
WHERE day = @day AND platform = @platform AND author_id = @author_id;

-- name: WarnedOfBudget :exec
UPDATE budgets SET warned = true WHERE day = @day AND platform = @platform AND author_id = @author_id;

-- name: Reservation :one
SELECT r.day, r.usd::float8 AS usd, r.tokens, t.platform, t.author_id
FROM reservations r JOIN turns t ON t.id = r.turn_id WHERE r.turn_id = @turn_id;

-- name: SetReservation :exec
INSERT INTO reservations (turn_id, day, usd, tokens) VALUES (@turn_id, @day, (@usd::float8)::numeric, @tokens)
ON CONFLICT (turn_id) DO UPDATE SET day = excluded.day, usd = excluded.usd, tokens = excluded.tokens;

-- name: DeleteReservation :exec
DELETE FROM reservations WHERE turn_id = @turn_id;

-- name: ForgetBudgets :exec
DELETE FROM budgets WHERE platform = @platform AND author_id = @user_id AND author_id <> '';

-- name: SweepBudgets :exec
-- The account of a person is needed while its day lasts; that of all together stays for turns that run across midnight.
DELETE FROM budgets WHERE day < @before::timestamptz OR day < @today::timestamptz AND author_id <> '';

-- name: SweepReservations :exec
DELETE FROM reservations WHERE day < @before::timestamptz;
