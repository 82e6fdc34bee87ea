-- Lists are ordered by id, which grows with time. The new indexes come first: until all of them are there, the old ones serve.
-- CreateIndex
CREATE INDEX "Dataset_tenant_id_idx" ON "Dataset"("tenant", "id");

-- CreateIndex
CREATE INDEX "Job_tenant_id_idx" ON "Job"("tenant", "id");

-- CreateIndex
CREATE INDEX "Job_tenant_status_id_idx" ON "Job"("tenant", "status", "id");

-- CreateIndex
CREATE INDEX "Sweep_tenant_id_idx" ON "Sweep"("tenant", "id");

-- DropIndex
DROP INDEX "Dataset_tenant_createdAt_id_idx";

-- DropIndex
DROP INDEX "Job_tenant_createdAt_id_idx";

-- DropIndex
DROP INDEX "Sweep_tenant_createdAt_id_idx";
