-- name: Spending :many
-- What turns that ended since then have used, in groups. A digest answers nobody: it is no turn there. Only the columns that the group is made of are filled.
SELECT
    (CASE WHEN @by::text = 'day' THEN to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') ELSE '' END)::text AS day,
    (CASE WHEN @by = ANY ('{workspace,channel,user}'::text[]) THEN platform ELSE '' END)::text AS platform,
    (CASE WHEN @by = ANY ('{workspace,channel}'::text[]) THEN workspace ELSE '' END)::text AS workspace,
    (CASE WHEN @by = 'channel' THEN channel ELSE '' END)::text AS channel,
    (CASE WHEN @by = 'user' THEN author_id ELSE '' END)::text AS author,
    (CASE WHEN @by = 'model' THEN model ELSE '' END)::text AS model,
    count(*) FILTER (WHERE task_kind <> 'digest') AS turns, sum(input_tokens)::bigint AS input_tokens, sum(cached_tokens)::bigint AS cached_tokens,
    sum(output_tokens)::bigint AS output_tokens, sum(cost_usd)::float8 AS cost_usd
FROM turns WHERE finished_at >= @since::timestamptz
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY 1, 2, 3, 4, 5, 6;
