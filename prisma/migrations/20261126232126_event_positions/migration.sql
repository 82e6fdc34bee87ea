-- Events get a place among those of all jobs that grows in the order in which they can be read. (docs/adr/0034)

-- What is added to a transaction's number: positions of a database that was restored elsewhere go on behind those that it
-- brought along. Stable, so that plans which have it inlined are made anew when it changes.
CREATE FUNCTION event_position_offset() RETURNS BIGINT LANGUAGE sql STABLE AS $$ SELECT 0::bigint $$;

-- The position of events that the statement writes. A statement has its snapshot after its lock on "Event", so its events have no position
-- below the horizon of anybody who did not see that lock.
CREATE FUNCTION event_position() RETURNS BIGINT LANGUAGE sql STABLE AS $$
  SELECT greatest(pg_current_xact_id()::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint) + event_position_offset()
$$;

-- Below it everything is there: a statement that begins after this one sees every event with a lower position, and none comes any more. What
-- may still come is written by transactions that hold a lock on "Event", at their own number or above, or that take it later, above the
-- last that is over. Numbers in pg_locks have 32 bits.
CREATE FUNCTION event_horizon() RETURNS BIGINT LANGUAGE sql VOLATILE AS $$
  WITH clock AS MATERIALIZED (
    SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next
  ), held AS MATERIALIZED (
    SELECT * FROM pg_locks WHERE locktype IN ('relation', 'transactionid') AND mode IN ('RowExclusiveLock', 'ExclusiveLock') AND granted
  ), writing AS (
    SELECT own.transactionid::text::bigint AS number FROM held AS own WHERE own.locktype = 'transactionid' AND own.virtualtransaction IN (
      SELECT virtualtransaction FROM held WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND relation = '"Event"'::regclass
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
  )
  SELECT least(clock.next, (SELECT min(clock.next - ((clock.next - number + 6442450944) % 4294967296 - 2147483648)) FROM writing))
    + event_position_offset() FROM clock
$$;

-- Has positions go on behind those that are stored, where they would not, or wherever it is said: clients may know later ones of the
-- database that a backup was made of. The leap is further than any database goes on after its backup.
CREATE FUNCTION align_event_positions(leap BOOLEAN) RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
  -- In this order: of what was written before, nothing is later.
  last CONSTANT BIGINT := coalesce((SELECT max(position) FROM "Event"), 0);
  next CONSTANT BIGINT := event_position();
BEGIN
  IF leap OR last > next THEN
    EXECUTE format('CREATE OR REPLACE FUNCTION event_position_offset() RETURNS BIGINT LANGUAGE sql STABLE AS %L',
      format('SELECT %s::bigint', event_position_offset() + greatest(last - next, 0) + 4294967296));
  END IF;
END $$;

-- AlterTable
ALTER TABLE "Job" ADD COLUMN     "lastPosition" BIGINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "Event" ADD COLUMN     "position" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "tenant" TEXT NOT NULL DEFAULT '';

ALTER TABLE "Event" ALTER COLUMN "position" SET DEFAULT event_position();

UPDATE "Event" event SET tenant = job.tenant FROM "Job" job WHERE job.id = event."jobId" AND job.tenant <> '';

-- CreateIndex
CREATE INDEX "Event_position_jobId_seq_idx" ON "Event"("position", "jobId", "seq");

-- CreateIndex
CREATE INDEX "Event_tenant_type_position_jobId_seq_idx" ON "Event"("tenant", "type", "position", "jobId", "seq");

-- Events of statements that know nothing of tenants and positions, as those of workers of an earlier version.
CREATE FUNCTION place_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT tenant, greatest(NEW.position, "lastPosition") INTO NEW.tenant, NEW.position FROM "Job" WHERE id = NEW."jobId";
  NEW.tenant := coalesce(NEW.tenant, '');
  NEW.position := coalesce(NEW.position, event_position());
  RETURN NEW;
END $$;

CREATE TRIGGER place_event BEFORE INSERT ON "Event" FOR EACH ROW WHEN (NEW.tenant = '') EXECUTE FUNCTION place_event();
