-- AlterTable
ALTER TABLE "Dataset" ADD COLUMN     "uploadingAt" TIMESTAMPTZ(3);

-- CreateIndex
CREATE INDEX "Dataset_deletedAt_idx" ON "Dataset"("deletedAt");

-- Nobody sees an upload before all of its rows are stored.
ALTER TABLE "Dataset" ADD CONSTRAINT "Dataset_uploading_is_hidden" CHECK ("uploadingAt" IS NULL OR "deletedAt" IS NOT NULL);
