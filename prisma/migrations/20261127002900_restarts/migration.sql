-- AlterTable
ALTER TABLE "Job" ADD COLUMN     "releasedFor" TEXT,
ADD COLUMN     "restartCount" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "restarts" JSONB NOT NULL DEFAULT '[]';

-- The jobs that are there already tell of their restarts as far as their events do.
UPDATE "Job" job SET "restartCount" = found.count, restarts = found.last
FROM (
  SELECT "jobId", count(*) AS count, jsonb_agg(restart ORDER BY seq) FILTER (WHERE newest <= 20) AS last
  FROM (
    SELECT went_on."jobId", went_on.seq, row_number() OVER (PARTITION BY went_on."jobId" ORDER BY went_on.seq DESC) AS newest, jsonb_build_object(
      'at', to_char(went_on.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'cause', CASE WHEN let_go.data->>'reason' LIKE 'The training process died%' THEN 'processCrashed'
        WHEN let_go.data->>'reason' LIKE 'The worker that held%' THEN 'workerLost' ELSE 'workerStopped' END,
      'fromEpoch', coalesce((went_on.data->>'fromEpoch')::int, 0)) AS restart
    FROM "Event" AS went_on JOIN "Event" AS let_go ON let_go."jobId" = went_on."jobId" AND let_go.seq = went_on.seq - 1 AND let_go.type = 'released'
    WHERE went_on.type = 'resumed'
  ) AS each GROUP BY "jobId"
) AS found WHERE job.id = found."jobId";
