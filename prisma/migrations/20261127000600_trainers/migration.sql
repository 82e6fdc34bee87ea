-- CreateTable
CREATE TABLE "Trainer" (
    "id" TEXT NOT NULL,
    "tenant" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'active',
    "config" JSONB NOT NULL,
    "asked" TEXT,
    "engine" JSONB,
    "datasetId" TEXT,
    "rowCounts" JSONB,
    "parameters" JSONB NOT NULL,
    "idleSeconds" INTEGER NOT NULL,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "version" BIGINT NOT NULL DEFAULT 0,
    "lastSeq" INTEGER NOT NULL DEFAULT 0,
    "hostToken" UUID,
    "wanted" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "usedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "closedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Trainer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "TrainerState" (
    "trainerId" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "standing" JSONB NOT NULL,
    "layout" JSONB NOT NULL,
    "values" BYTEA NOT NULL,

    CONSTRAINT "TrainerState_pkey" PRIMARY KEY ("trainerId")
);

-- CreateTable
CREATE TABLE "TrainerOperation" (
    "trainerId" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "hash" BYTEA NOT NULL,
    "request" TEXT NOT NULL,
    "response" TEXT,
    "failed" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "TrainerOperation_pkey" PRIMARY KEY ("trainerId","seq")
);

-- CreateTable
CREATE TABLE "TrainerCheckpoint" (
    "trainerId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "version" BIGINT NOT NULL,
    "steps" BIGINT NOT NULL,
    "layout" JSONB NOT NULL,
    "values" BYTEA NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "TrainerCheckpoint_pkey" PRIMARY KEY ("trainerId","name")
);

-- CreateTable
CREATE TABLE "TrainerHost" (
    "token" UUID NOT NULL,
    "aliveUntil" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "TrainerHost_pkey" PRIMARY KEY ("token")
);

-- CreateIndex
CREATE INDEX "Trainer_tenant_id_idx" ON "Trainer"("tenant", "id");

-- CreateIndex
CREATE INDEX "Trainer_datasetId_idx" ON "Trainer"("datasetId");

-- CreateIndex
CREATE INDEX "Trainer_status_closedAt_idx" ON "Trainer"("status", "closedAt");

-- CreateIndex
CREATE INDEX "TrainerHost_aliveUntil_idx" ON "TrainerHost"("aliveUntil");

-- AddForeignKey
ALTER TABLE "Trainer" ADD CONSTRAINT "Trainer_datasetId_fkey" FOREIGN KEY ("datasetId") REFERENCES "Dataset"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TrainerState" ADD CONSTRAINT "TrainerState_trainerId_fkey" FOREIGN KEY ("trainerId") REFERENCES "Trainer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TrainerOperation" ADD CONSTRAINT "TrainerOperation_trainerId_fkey" FOREIGN KEY ("trainerId") REFERENCES "Trainer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TrainerCheckpoint" ADD CONSTRAINT "TrainerCheckpoint_trainerId_fkey" FOREIGN KEY ("trainerId") REFERENCES "Trainer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What is to be done: few rows, looked for once a second.
CREATE INDEX "TrainerOperation_pending_idx" ON "TrainerOperation"("trainerId") WHERE "response" IS NULL;
CREATE INDEX "Trainer_wanted_idx" ON "Trainer"("id") WHERE "wanted";
