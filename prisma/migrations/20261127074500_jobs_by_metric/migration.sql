-- CreateTable
CREATE TABLE "JobMetric" (
    "jobId" TEXT NOT NULL,
    "metric" TEXT NOT NULL,
    "tenant" TEXT NOT NULL,
    "best" DOUBLE PRECISION,
    "last" DOUBLE PRECISION,

    CONSTRAINT "JobMetric_pkey" PRIMARY KEY ("jobId","metric")
);

-- What the newest jobs have stored already, by one pass over their epochs; older ones of a large installation are in no order but that of time.
-- 'NaN' counts as greater than every number, and the infinities as numbers: neither is a value to sort by.
INSERT INTO "JobMetric" ("jobId", metric, tenant, best, last)
SELECT job.id, number.metric, job.tenant,
  CASE WHEN number.metric ~* '^(validation)?(accuracy|precision|recall|f1|r2)$' THEN max(number.value) ELSE min(number.value) END,
  max(number.value) FILTER (WHERE epoch.epoch = job.epoch)
FROM (SELECT id, tenant, epoch FROM "Job" WHERE tenant <> '' AND epoch > 0 ORDER BY id DESC LIMIT 100000) AS job
  JOIN "Epoch" epoch ON epoch."jobId" = job.id
  CROSS JOIN LATERAL (
    SELECT 'loss' AS metric, epoch.loss AS value
    UNION ALL SELECT 'batchLoss', epoch."batchLoss"
    UNION ALL SELECT 'validationLoss', epoch."validationLoss"
    UNION ALL SELECT each.key, each.value::float8 FROM jsonb_each_text(epoch.metrics) AS each WHERE each.value IS NOT NULL
  ) AS number
WHERE number.value > '-Infinity' AND number.value < 'Infinity'
GROUP BY job.id, job.tenant, number.metric;

-- CreateIndex
CREATE INDEX "JobMetric_tenant_metric_best_jobId_idx" ON "JobMetric"("tenant", "metric", "best", "jobId");

-- CreateIndex
CREATE INDEX "JobMetric_tenant_metric_last_jobId_idx" ON "JobMetric"("tenant", "metric", "last", "jobId");

-- AddForeignKey
ALTER TABLE "JobMetric" ADD CONSTRAINT "JobMetric_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A job that belongs to nobody is being deleted: it is in no list, so it has no place in an order.
CREATE FUNCTION forget_metrics() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM "JobMetric" WHERE "jobId" = NEW.id;
  RETURN NULL;
END $$;

CREATE TRIGGER forget_metrics_of_hidden_job AFTER UPDATE OF tenant ON "Job" FOR EACH ROW WHEN (NEW.tenant = '') EXECUTE FUNCTION forget_metrics();

-- Rows of jobs that run are written anew with every commit.
ALTER TABLE "JobMetric" SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.05);
