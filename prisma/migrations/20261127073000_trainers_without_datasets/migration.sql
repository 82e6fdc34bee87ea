-- AlterTable
ALTER TABLE "Trainer" ADD COLUMN     "given" JSONB;
