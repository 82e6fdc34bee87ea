-- CreateTable
CREATE TABLE "JobIndex" (
    "id" TEXT NOT NULL,
    "tenant" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "device" TEXT NOT NULL,
    "rank" INTEGER NOT NULL,
    "queuedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "JobIndex_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "JobMetadata" (
    "tenant" TEXT NOT NULL,
    "term" BYTEA NOT NULL,
    "jobId" TEXT NOT NULL,

    CONSTRAINT "JobMetadata_pkey" PRIMARY KEY ("tenant","term","jobId")
);

-- CreateTable
CREATE TABLE "Tenant" (
    "name" TEXT NOT NULL,
    "queued" INTEGER NOT NULL DEFAULT 0,
    "running" INTEGER NOT NULL DEFAULT 0,
    "cancelling" INTEGER NOT NULL DEFAULT 0,
    "pausing" INTEGER NOT NULL DEFAULT 0,
    "paused" INTEGER NOT NULL DEFAULT 0,
    "succeeded" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "cancelled" INTEGER NOT NULL DEFAULT 0,
    "usedSeconds" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "usedAt" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "turn" DOUBLE PRECISION NOT NULL DEFAULT 0,

    CONSTRAINT "Tenant_pkey" PRIMARY KEY ("name")
);

-- Backups leave them out: the triggers below make them again of what they belong to.
COMMENT ON TABLE "JobIndex" IS 'derived';
COMMENT ON TABLE "JobMetadata" IS 'derived';

-- AlterTable
ALTER TABLE "Worker" ADD COLUMN     "gpu" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "Job" ADD COLUMN     "device" TEXT NOT NULL DEFAULT 'any';

UPDATE "Job" SET "device" = "config"->>'device'
WHERE "status" NOT IN ('succeeded', 'failed', 'cancelled') AND "config"->>'device' IN ('cpu', 'gpu');

-- An entry of metadata as it is looked for: a hash, since texts may be longer than an index takes. 7 and 7.0 are the same number.
CREATE FUNCTION metadata_term(key TEXT, entry JSONB) RETURNS BYTEA LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT substring(sha256(convert_to(jsonb_build_array(key,
    CASE jsonb_typeof(entry) WHEN 'number' THEN to_jsonb(trim_scale(entry::numeric)) ELSE entry END)::text, 'UTF8')) FROM 1 FOR 16)
$$;

-- Seconds of training processes that a tenant had used at a moment, the jobs that workers hold included.
CREATE FUNCTION used_seconds(tenant "Tenant", at TIMESTAMPTZ) RETURNS DOUBLE PRECISION LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT tenant."usedSeconds" + (tenant.running + tenant.cancelling + tenant.pausing)
    * greatest(0, extract(epoch FROM at - tenant."usedAt")::float8)
$$;

-- When it is a tenant's turn, on the clock that the turns of all set: who has used least comes first. Who was away comes in with the
-- others, however little it had used before; and what was used beyond five minutes more than others had is forgiven.
CREATE FUNCTION turn_of(used DOUBLE PRECISION, clock DOUBLE PRECISION) RETURNS DOUBLE PRECISION LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT least(greatest(used, clock), clock + 300)
$$;

-- Counts that a job of a tenant went from one status to another; null if it comes or goes.
CREATE FUNCTION count_job(whose TEXT, lost TEXT, gained TEXT) RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
  moment CONSTANT TIMESTAMPTZ := clock_timestamp();
  begins CONSTANT BOOLEAN := coalesce(lost = 'queued' AND gained = 'running', false);
  clock CONSTANT DOUBLE PRECISION := (SELECT coalesce(max(turn), 0) FROM "Tenant");
BEGIN
  lost := coalesce(lost, '');
  gained := coalesce(gained, '');
  INSERT INTO "Tenant" AS tenant (name, queued, running, cancelling, pausing, paused, succeeded, failed, cancelled, "usedAt")
  VALUES (whose, (gained = 'queued')::int, (gained = 'running')::int, (gained = 'cancelling')::int, (gained = 'pausing')::int,
    (gained = 'paused')::int, (gained = 'succeeded')::int, (gained = 'failed')::int, (gained = 'cancelled')::int, moment)
  ON CONFLICT (name) DO UPDATE SET
    queued = tenant.queued + (gained = 'queued')::int - (lost = 'queued')::int,
    running = tenant.running + (gained = 'running')::int - (lost = 'running')::int,
    cancelling = tenant.cancelling + (gained = 'cancelling')::int - (lost = 'cancelling')::int,
    pausing = tenant.pausing + (gained = 'pausing')::int - (lost = 'pausing')::int,
    paused = tenant.paused + (gained = 'paused')::int - (lost = 'paused')::int,
    succeeded = tenant.succeeded + (gained = 'succeeded')::int - (lost = 'succeeded')::int,
    failed = tenant.failed + (gained = 'failed')::int - (lost = 'failed')::int,
    cancelled = tenant.cancelled + (gained = 'cancelled')::int - (lost = 'cancelled')::int,
    -- A turn costs what it takes to hand a process over, so that the shortest jobs take turns too.
    "usedSeconds" = CASE WHEN begins THEN turn_of(used_seconds(tenant, moment), clock) + 0.02 ELSE least(used_seconds(tenant, moment), clock + 300) END,
    turn = CASE WHEN begins THEN turn_of(used_seconds(tenant, moment), clock) ELSE tenant.turn END,
    "usedAt" = moment;
END $$;

-- What jobs are looked for by follows their rows, whoever writes them. A job that belongs to nobody is being deleted. How many jobs
-- are queued anew is counted by the statements that queue them, at the end of their transactions: others wait for that.
CREATE FUNCTION index_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    IF TG_OP = 'UPDATE' AND NEW.tenant = OLD.tenant THEN
      UPDATE "JobIndex" SET status = NEW.status, device = NEW.device, rank = -NEW.priority, "queuedAt" = NEW."queuedAt" WHERE id = NEW.id;
      IF NEW.status <> OLD.status THEN
        PERFORM count_job(NEW.tenant, OLD.status, NEW.status);
      END IF;
      RETURN NULL;
    END IF;
    DELETE FROM "JobIndex" WHERE id = OLD.id;
    IF OLD.metadata <> '{}' THEN
      DELETE FROM "JobMetadata" WHERE tenant = OLD.tenant AND "jobId" = OLD.id
        AND term = ANY(ARRAY(SELECT metadata_term(key, value) FROM jsonb_each(OLD.metadata)));
    END IF;
    PERFORM count_job(OLD.tenant, OLD.status, NULL);
    IF TG_OP = 'DELETE' OR NEW.tenant = '' THEN
      RETURN NULL;
    END IF;
    PERFORM count_job(NEW.tenant, NULL, NEW.status);
  END IF;
  INSERT INTO "JobIndex" (id, tenant, status, device, rank, "queuedAt")
  VALUES (NEW.id, NEW.tenant, NEW.status, NEW.device, -NEW.priority, NEW."queuedAt");
  IF NEW.metadata <> '{}' THEN
    INSERT INTO "JobMetadata" (tenant, term, "jobId") SELECT NEW.tenant, metadata_term(key, value), NEW.id FROM jsonb_each(NEW.metadata);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER index_new_job AFTER INSERT ON "Job" FOR EACH ROW WHEN (NEW.tenant <> '') EXECUTE FUNCTION index_job();
CREATE TRIGGER index_moved_job AFTER UPDATE OF tenant, status, device, priority, "queuedAt" ON "Job" FOR EACH ROW
  WHEN (OLD.tenant <> '' AND (OLD.status <> NEW.status OR OLD.tenant <> NEW.tenant OR OLD."queuedAt" <> NEW."queuedAt"
    OR OLD.priority <> NEW.priority OR OLD.device <> NEW.device))
  EXECUTE FUNCTION index_job();
CREATE TRIGGER index_deleted_job AFTER DELETE ON "Job" FOR EACH ROW WHEN (OLD.tenant <> '') EXECUTE FUNCTION index_job();

-- The jobs that are there already.
INSERT INTO "JobIndex" (id, tenant, status, device, rank, "queuedAt")
SELECT id, tenant, status, device, -priority, "queuedAt" FROM "Job" WHERE tenant <> '' ORDER BY id;

INSERT INTO "JobMetadata" (tenant, term, "jobId")
SELECT tenant, metadata_term(key, value), id FROM "Job" CROSS JOIN jsonb_each(metadata) WHERE tenant <> '' AND metadata <> '{}';

INSERT INTO "Tenant" (name, queued, running, cancelling, pausing, paused, succeeded, failed, cancelled)
SELECT tenant, count(*) FILTER (WHERE status = 'queued'), count(*) FILTER (WHERE status = 'running'),
  count(*) FILTER (WHERE status = 'cancelling'), count(*) FILTER (WHERE status = 'pausing'), count(*) FILTER (WHERE status = 'paused'),
  count(*) FILTER (WHERE status = 'succeeded'), count(*) FILTER (WHERE status = 'failed'), count(*) FILTER (WHERE status = 'cancelled')
FROM "JobIndex" GROUP BY tenant;

-- CreateIndex
CREATE INDEX "JobIndex_tenant_status_id_idx" ON "JobIndex"("tenant", "status", "id");

-- Partial indexes are none of those that the schema names.
CREATE INDEX "JobIndex_queue_idx" ON "JobIndex"("tenant", "device", "rank", "queuedAt", "id") WHERE "status" = 'queued';
CREATE INDEX "JobIndex_queuedAt_idx" ON "JobIndex"("queuedAt") WHERE "status" = 'queued';
CREATE INDEX "JobIndex_held_idx" ON "JobIndex"("id") WHERE "status" IN ('running', 'pausing', 'cancelling');
CREATE INDEX "Dataset_listed_idx" ON "Dataset"("tenant", "id") WHERE "deletedAt" IS NULL;
CREATE INDEX "Upload_open_idx" ON "Upload"("tenant", "id") WHERE "datasetId" IS NULL;

-- DropIndex
DROP INDEX "Dataset_tenant_id_idx";

-- DropIndex
DROP INDEX "Job_metadata_idx";

-- DropIndex
DROP INDEX "Job_status_priority_queuedAt_idx";

-- DropIndex
DROP INDEX "Job_tenant_status_id_idx";

-- DropIndex
DROP INDEX "Upload_tenant_id_idx";

-- A job's row is written anew several times in its life: without its config, which never changes, and on the page where it lies.
ALTER TABLE "Job" SET (fillfactor = 60, toast_tuple_target = 512);
ALTER TABLE "Tenant" SET (fillfactor = 20);
ALTER TABLE "JobIndex" SET (fillfactor = 70);

-- Dead rows stay a small share of what lives, however large the tables grow, and few where little lives.
ALTER TABLE "Job" SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.05);
ALTER TABLE "JobIndex" SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.05);
ALTER TABLE "Checkpoint" SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
ALTER TABLE "Tenant" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
ALTER TABLE "Worker" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
ALTER TABLE "Call" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
