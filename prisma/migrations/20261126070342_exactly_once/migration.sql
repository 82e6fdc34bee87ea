-- AlterTable
ALTER TABLE "Dataset" ADD COLUMN     "implicit" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "IdempotencyKey" ADD COLUMN     "leaseUntil" TIMESTAMPTZ(3),
ADD COLUMN     "resource" TEXT,
ADD COLUMN     "token" UUID;

-- A dataset that came with the config of a job is not named by an id there.
UPDATE "Dataset" SET "implicit" = true
WHERE EXISTS (SELECT FROM "Job" WHERE "Job"."datasetId" = "Dataset"."id" AND "Job"."config"->'dataset' ? 'synthetic');
