-- AlterTable
ALTER TABLE "Job" ADD COLUMN     "validationDatasetId" TEXT;

-- CreateIndex
CREATE INDEX "Job_validationDatasetId_idx" ON "Job"("validationDatasetId");

-- AddForeignKey
ALTER TABLE "Job" ADD CONSTRAINT "Job_validationDatasetId_fkey" FOREIGN KEY ("validationDatasetId") REFERENCES "Dataset"("id") ON DELETE SET NULL ON UPDATE CASCADE;
