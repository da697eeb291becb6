-- name: AddTurnCost :exec
-- Adds what another model than the turn has recorded has used in it; costs add up over the answers to an edited question.
INSERT INTO turn_costs AS c (turn_id, model, input_tokens, cached_tokens, output_tokens, heard_ms, cost_usd)
VALUES (@turn_id, @model, @input_tokens, @cached_tokens, @output_tokens, @heard_ms, (@cost_usd::float8)::numeric)
ON CONFLICT (turn_id, model) DO UPDATE SET
    input_tokens = least(c.input_tokens::bigint + excluded.input_tokens, 2147483647)::integer,
    cached_tokens = least(c.cached_tokens::bigint + excluded.cached_tokens, 2147483647)::integer,
    output_tokens = least(c.output_tokens::bigint + excluded.output_tokens, 2147483647)::integer,
    heard_ms = least(c.heard_ms + excluded.heard_ms, 2147483647000), cost_usd = least(c.cost_usd + excluded.cost_usd, 999999);

-- name: Spending :many
-- What turns that ended since then have used, in groups. A digest answers nobody: it is no turn there. Only the columns that the group is made of are filled.
-- What other models have used is taken out of the turn, and counted under their names.
WITH spent AS (
    SELECT t.finished_at, t.platform, t.workspace, t.channel, t.author_id, t.model, (t.task_kind <> 'digest')::integer AS turns,
        greatest(t.input_tokens - o.input_tokens, 0) AS input_tokens, greatest(t.cached_tokens - o.cached_tokens, 0) AS cached_tokens,
        greatest(t.output_tokens - o.output_tokens, 0) AS output_tokens, 0::bigint AS heard_ms, greatest(t.cost_usd - o.cost_usd, 0) AS cost_usd
    FROM turns t
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(c.input_tokens), 0) AS input_tokens, coalesce(sum(c.cached_tokens), 0) AS cached_tokens,
            coalesce(sum(c.output_tokens), 0) AS output_tokens, coalesce(sum(c.cost_usd), 0) AS cost_usd
        FROM turn_costs c WHERE c.turn_id = t.id
    ) AS o
    WHERE t.finished_at >= @since::timestamptz
    UNION ALL
    SELECT t.finished_at, t.platform, t.workspace, t.channel, t.author_id, c.model, 0, c.input_tokens, c.cached_tokens, c.output_tokens,
        c.heard_ms, c.cost_usd
    FROM turns t JOIN turn_costs c ON c.turn_id = t.id
    WHERE t.finished_at >= @since::timestamptz
)
SELECT
    (CASE WHEN @by::text = 'day' THEN to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') ELSE '' END)::text AS day,
    (CASE WHEN @by = ANY ('{workspace,channel,user}'::text[]) THEN platform ELSE '' END)::text AS platform,
    (CASE WHEN @by = ANY ('{workspace,channel}'::text[]) THEN workspace ELSE '' END)::text AS workspace,
    (CASE WHEN @by = 'channel' THEN channel ELSE '' END)::text AS channel,
    (CASE WHEN @by = 'user' THEN author_id ELSE '' END)::text AS author,
    (CASE WHEN @by = 'model' THEN model ELSE '' END)::text AS model,
    sum(turns)::bigint AS turns, sum(input_tokens)::bigint AS input_tokens, sum(cached_tokens)::bigint AS cached_tokens,
    sum(output_tokens)::bigint AS output_tokens, sum(heard_ms)::bigint AS heard_ms, sum(cost_usd)::float8 AS cost_usd
FROM spent
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY 1, 2, 3, 4, 5, 6;
