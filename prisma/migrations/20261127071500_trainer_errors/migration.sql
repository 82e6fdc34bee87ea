-- AlterTable
ALTER TABLE "Trainer" ADD COLUMN     "error" JSONB;
