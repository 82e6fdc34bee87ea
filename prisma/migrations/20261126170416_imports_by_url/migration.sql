-- CreateTable
CREATE TABLE "Import" (
    "id" TEXT NOT NULL,
    "tenant" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "contentType" TEXT,
    "contentEncoding" TEXT,
    "options" JSONB NOT NULL DEFAULT '{}',
    "status" TEXT NOT NULL DEFAULT 'queued',
    "bytesRead" BIGINT NOT NULL DEFAULT 0,
    "datasetId" TEXT,
    "error" JSONB,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "leaseToken" UUID,
    "leaseUntil" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ(3),
    "finishedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Import_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Import_tenant_id_idx" ON "Import"("tenant", "id");

-- CreateIndex
CREATE INDEX "Import_status_finishedAt_idx" ON "Import"("status", "finishedAt");

-- CreateIndex
CREATE INDEX "Dataset_metadata_idx" ON "Dataset" USING GIN ("metadata" jsonb_path_ops);
