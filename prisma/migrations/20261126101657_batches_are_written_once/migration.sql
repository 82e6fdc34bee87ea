-- AlterTable
ALTER TABLE "Job" ADD COLUMN     "batchId" UUID,
ADD COLUMN     "batchStatus" TEXT;
