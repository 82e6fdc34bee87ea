-- AlterTable
ALTER TABLE "Checkpoint" ADD COLUMN     "blobId" UUID;

-- AlterTable
ALTER TABLE "Tensor" ADD COLUMN     "blobId" UUID,
ADD COLUMN     "blobOffset" BIGINT;

-- CreateTable
CREATE TABLE "Blob" (
    "id" UUID NOT NULL,
    "jobId" TEXT NOT NULL,
    "token" UUID NOT NULL,
    "kept" BOOLEAN NOT NULL DEFAULT false,
    "pieceBytes" INTEGER NOT NULL,

    CONSTRAINT "Blob_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "BlobPiece" (
    "blobId" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "BlobPiece_pkey" PRIMARY KEY ("blobId","index")
);

-- CreateTable
CREATE TABLE "Worker" (
    "id" UUID NOT NULL,
    "memoryBytes" BIGINT NOT NULL,
    "seenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Worker_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Blob_jobId_idx" ON "Blob"("jobId");

-- CreateIndex
CREATE INDEX "Blob_kept_idx" ON "Blob"("kept");

-- AddForeignKey
ALTER TABLE "Blob" ADD CONSTRAINT "Blob_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "BlobPiece" ADD CONSTRAINT "BlobPiece_blobId_fkey" FOREIGN KEY ("blobId") REFERENCES "Blob"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Packed float32 hardly compresses, and a slice of it is to be read without the rest.
ALTER TABLE "BlobPiece" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;

-- So many bytes of a blob from the byte "at" on, counted from 0; fewer at its end.
CREATE FUNCTION blob_slice(blob UUID, at BIGINT, length INTEGER) RETURNS BYTEA LANGUAGE sql STABLE AS $$
  SELECT string_agg(substring(piece."bytes" FROM (at - piece."index"::bigint * whole."pieceBytes" + 1)::int FOR length), '' ORDER BY piece."index")
  FROM "Blob" whole JOIN "BlobPiece" piece ON piece."blobId" = whole."id"
  WHERE whole."id" = blob AND piece."index" BETWEEN at / whole."pieceBytes" AND (at + length - 1) / whole."pieceBytes"
$$;

-- The same of a tensor, wherever its values lie; null where only the norm was recorded.
CREATE FUNCTION tensor_slice(tensor "Tensor", at BIGINT, length INTEGER) RETURNS BYTEA LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN tensor."blobId" IS NULL THEN substring(tensor."values" FROM (at + 1)::int FOR length)
    ELSE blob_slice(tensor."blobId", tensor."blobOffset" + at, length) END
$$;

-- The same of a checkpoint.
CREATE FUNCTION checkpoint_slice(saved "Checkpoint", at BIGINT, length INTEGER) RETURNS BYTEA LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN saved."blobId" IS NULL THEN substring(saved."values" FROM (at + 1)::int FOR length)
    ELSE blob_slice(saved."blobId", at, length) END
$$;

-- A blob that nothing refers to any more is nobody's: a worker deletes it soon.
CREATE FUNCTION release_blob() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "Blob" SET kept = false, token = '00000000-0000-0000-0000-000000000000'
  WHERE id = OLD."blobId"
    AND NOT EXISTS (SELECT FROM "Checkpoint" saved WHERE saved."jobId" = OLD."jobId" AND saved."blobId" = OLD."blobId")
    AND NOT EXISTS (SELECT FROM "Tensor" tensor WHERE tensor."jobId" = OLD."jobId" AND tensor."blobId" = OLD."blobId");
  RETURN NULL;
END $$;

CREATE TRIGGER release_blob AFTER UPDATE OR DELETE ON "Checkpoint" FOR EACH ROW WHEN (OLD."blobId" IS NOT NULL) EXECUTE FUNCTION release_blob();
CREATE TRIGGER release_blob AFTER UPDATE OR DELETE ON "Tensor" FOR EACH ROW WHEN (OLD."blobId" IS NOT NULL) EXECUTE FUNCTION release_blob();

-- The weights that a job is left with may lie in its checkpoint's blob.
CREATE OR REPLACE FUNCTION keep_last_weights() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "Tensor" ("jobId", kind, epoch, position, parameter, shape, norm, "values", "blobId", "blobOffset")
  SELECT NEW.id, 'weight', saved.epoch, row_number() OVER (ORDER BY tensor.place) - 1, tensor.name, tensor.shape, tensor.norm,
    CASE WHEN saved."blobId" IS NULL THEN substring(saved."values" FROM (4 * (tensor.upto - tensor.size) + 1)::int FOR (4 * tensor.size)::int) END,
    saved."blobId", CASE WHEN saved."blobId" IS NOT NULL THEN (4 * (tensor.upto - tensor.size))::bigint END
  FROM "Checkpoint" saved CROSS JOIN LATERAL (
    SELECT sized.*, sum(sized.size) OVER (ORDER BY sized.place) AS upto FROM (
      SELECT entry.place, entry.value->>'name' AS name, coalesce((entry.value->>'norm')::float8, 'NaN') AS norm,
        ARRAY(SELECT axis.value::int FROM jsonb_array_elements_text(entry.value->'shape') WITH ORDINALITY AS axis(value, at) ORDER BY axis.at) AS shape,
        coalesce((entry.value->'shape'->>0)::bigint, 1) * coalesce((entry.value->'shape'->>1)::bigint, 1)
          * coalesce((entry.value->'shape'->>2)::bigint, 1) * coalesce((entry.value->'shape'->>3)::bigint, 1)
          * coalesce((entry.value->'shape'->>4)::bigint, 1) * coalesce((entry.value->'shape'->>5)::bigint, 1) AS size
      FROM jsonb_array_elements(saved.layout) WITH ORDINALITY AS entry(value, place)
    ) AS sized
  ) AS tensor
  WHERE saved."jobId" = NEW.id AND saved.step = 0 AND saved.epoch > 0 AND position('/' IN tensor.name) = 0
    AND NOT EXISTS (SELECT FROM "Tensor" kept WHERE kept."jobId" = NEW.id AND kept.kind = 'weight' AND kept.epoch >= saved.epoch);
  IF NEW.config->'record'->>'weights' = 'last' THEN
    DELETE FROM "Tensor" earlier WHERE earlier."jobId" = NEW.id AND earlier.kind = 'weight'
      AND earlier.epoch < (SELECT max(newest.epoch) FROM "Tensor" newest WHERE newest."jobId" = NEW.id AND newest.kind = 'weight');
  END IF;
  RETURN NULL;
END $$;
