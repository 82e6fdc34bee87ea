-- AlterTable
ALTER TABLE "Dataset" ADD COLUMN     "csv" JSONB;
