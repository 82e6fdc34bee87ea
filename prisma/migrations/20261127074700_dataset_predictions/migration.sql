-- CreateTable
CREATE TABLE "Prediction" (
    "id" TEXT NOT NULL,
    "tenant" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'queued',
    "jobId" TEXT NOT NULL,
    "askedEpoch" INTEGER,
    "epoch" INTEGER,
    "source" JSONB NOT NULL,
    "datasetId" TEXT NOT NULL,
    "output" TEXT NOT NULL,
    "measured" BOOLEAN NOT NULL,
    "rows" INTEGER NOT NULL,
    "width" INTEGER NOT NULL,
    "storedBytes" BIGINT NOT NULL,
    "rowsDone" INTEGER NOT NULL DEFAULT 0,
    "chunks" INTEGER NOT NULL DEFAULT 0,
    "sums" BYTEA,
    "metrics" JSONB,
    "confusion" JSONB,
    "error" JSONB,
    "seconds" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "crashes" INTEGER NOT NULL DEFAULT 0,
    "leaseToken" UUID,
    "leaseUntil" TIMESTAMPTZ(3),
    "workedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ(3),
    "finishedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Prediction_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "PredictionChunk" (
    "predictionId" TEXT NOT NULL,
    "index" INTEGER NOT NULL,
    "values" BYTEA NOT NULL,

    CONSTRAINT "PredictionChunk_pkey" PRIMARY KEY ("predictionId", "index")
);

-- CreateIndex
CREATE INDEX "Prediction_tenant_id_idx" ON "Prediction"("tenant", "id");

-- CreateIndex
CREATE INDEX "Prediction_tenant_workedAt_idx" ON "Prediction"("tenant", "workedAt");

-- CreateIndex
CREATE INDEX "Prediction_jobId_idx" ON "Prediction"("jobId");

-- CreateIndex
CREATE INDEX "Prediction_datasetId_idx" ON "Prediction"("datasetId");

-- CreateIndex
CREATE INDEX "Prediction_finishedAt_idx" ON "Prediction"("finishedAt");

-- What is to be made; a partial index, which schema.prisma cannot name.
CREATE INDEX "Prediction_pending_idx" ON "Prediction"("id") WHERE "status" IN ('queued', 'running');

-- AddForeignKey
ALTER TABLE "Prediction" ADD CONSTRAINT "Prediction_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Prediction" ADD CONSTRAINT "Prediction_datasetId_fkey" FOREIGN KEY ("datasetId") REFERENCES "Dataset"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PredictionChunk" ADD CONSTRAINT "PredictionChunk_predictionId_fkey" FOREIGN KEY ("predictionId") REFERENCES "Prediction"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Values are numbers without a pattern: looking for one takes time and finds none.
ALTER TABLE "PredictionChunk" ALTER COLUMN "values" SET STORAGE EXTERNAL;
