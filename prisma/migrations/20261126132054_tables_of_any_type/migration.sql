-- AlterTable
ALTER TABLE "Dataset" ADD COLUMN     "badRows" JSONB,
ADD COLUMN     "expiresAt" TIMESTAMPTZ(3),
ADD COLUMN     "format" TEXT,
ADD COLUMN     "metadata" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "name" TEXT,
ADD COLUMN     "notes" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "storedBytes" BIGINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "DatasetChunk" DROP CONSTRAINT "DatasetChunk_pkey",
ADD COLUMN     "hash" BYTEA,
ADD COLUMN     "kind" TEXT NOT NULL DEFAULT 'values',
ALTER COLUMN "bytes" DROP NOT NULL,
ADD CONSTRAINT "DatasetChunk_pkey" PRIMARY KEY ("datasetId", "kind", "index");

-- AlterTable
ALTER TABLE "Job" ADD COLUMN     "rowCounts" JSONB;

-- CreateTable
CREATE TABLE "Chunk" (
    "hash" BYTEA NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "Chunk_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "DatasetLevels" (
    "datasetId" TEXT NOT NULL,
    "column" INTEGER NOT NULL,
    "index" INTEGER NOT NULL,
    "first" INTEGER NOT NULL,
    "values" TEXT[],

    CONSTRAINT "DatasetLevels_pkey" PRIMARY KEY ("datasetId","column","index")
);

-- CreateIndex
CREATE INDEX "Dataset_expiresAt_idx" ON "Dataset"("expiresAt");

-- CreateIndex
CREATE INDEX "DatasetChunk_hash_idx" ON "DatasetChunk"("hash");

-- AddForeignKey
ALTER TABLE "DatasetChunk" ADD CONSTRAINT "DatasetChunk_hash_fkey" FOREIGN KEY ("hash") REFERENCES "Chunk"("hash") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DatasetLevels" ADD CONSTRAINT "DatasetLevels_datasetId_fkey" FOREIGN KEY ("datasetId") REFERENCES "Dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- As the older tables of packed numbers: they hardly compress.
ALTER TABLE "Chunk" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;

-- A chunk has its bytes or says where they are. Older rows have theirs.
ALTER TABLE "DatasetChunk" ADD CONSTRAINT "DatasetChunk_has_bytes" CHECK (("bytes" IS NULL) <> ("hash" IS NULL));

-- Uploads of earlier versions hold float32 alone.
UPDATE "Dataset" SET "storedBytes" = 4::bigint * "rows" * jsonb_array_length("columns") WHERE "kind" = 'upload' AND "deletedAt" IS NULL;
