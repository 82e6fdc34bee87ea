-- CreateTable
CREATE TABLE "MlflowCursor" (
    "name" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    "jobId" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "leaseToken" UUID,
    "leaseUntil" TIMESTAMPTZ(3),

    CONSTRAINT "MlflowCursor_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "MlflowRun" (
    "jobId" TEXT NOT NULL,
    "tenant" TEXT NOT NULL,
    "runId" TEXT,
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "seconds" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAt" TIMESTAMPTZ(3) DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "MlflowRun_pkey" PRIMARY KEY ("jobId")
);

-- CreateIndex
CREATE INDEX "MlflowRun_nextAt_idx" ON "MlflowRun"("nextAt");
