-- AlterTable
ALTER TABLE "Dataset" ADD COLUMN     "missing" JSONB;
