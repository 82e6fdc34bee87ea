-- AlterTable
ALTER TABLE "Worker" ADD COLUMN "trainers" BOOLEAN NOT NULL DEFAULT true;
