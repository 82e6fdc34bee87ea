-- Who waits for an answer asks again after a crash of the server: what is asked for need not outlive it, and so no request waits for the disk.
ALTER TABLE "Call" SET UNLOGGED;

-- Which workers it is for, and which of them has it in hand since when.
ALTER TABLE "Call" ADD COLUMN     "queue" TEXT NOT NULL DEFAULT 'inference',
ADD COLUMN     "takenAt" TIMESTAMPTZ(3),
ADD COLUMN     "worker" UUID;
