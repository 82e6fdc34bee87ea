-- AlterTable
ALTER TABLE "JobMetric" ADD COLUMN     "worst" DOUBLE PRECISION;

-- Of the jobs that have a best value from before there were commits that kept it.
UPDATE "JobMetric" AS known SET worst = found.worst
FROM (
  SELECT job.id, number.metric,
    CASE WHEN number.metric ~* '^(validation)?(accuracy|precision|recall|f1|r2)$' THEN min(number.value) ELSE max(number.value) END AS worst
  FROM (SELECT id FROM "Job" WHERE tenant <> '' AND epoch > 0 ORDER BY id DESC LIMIT 100000) AS job
    JOIN "Epoch" epoch ON epoch."jobId" = job.id
    CROSS JOIN LATERAL (
      SELECT 'loss' AS metric, epoch.loss AS value
      UNION ALL SELECT 'batchLoss', epoch."batchLoss"
      UNION ALL SELECT 'validationLoss', epoch."validationLoss"
      UNION ALL SELECT each.key, each.value::float8 FROM jsonb_each_text(epoch.metrics) AS each WHERE each.value IS NOT NULL
    ) AS number
  WHERE number.value > '-Infinity' AND number.value < 'Infinity'
  GROUP BY job.id, number.metric
) AS found
WHERE known."jobId" = found.id AND known.metric = found.metric;

-- CreateIndex
CREATE INDEX "JobMetric_tenant_metric_worst_jobId_idx" ON "JobMetric"("tenant", "metric", "worst", "jobId");
