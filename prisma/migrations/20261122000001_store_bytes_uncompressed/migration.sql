-- Packed float32 hardly compresses: skip the attempt, which costs more than the disk.
ALTER TABLE "DatasetChunk" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;
ALTER TABLE "Tensor" ALTER COLUMN "values" SET STORAGE EXTERNAL;
ALTER TABLE "Checkpoint" ALTER COLUMN "values" SET STORAGE EXTERNAL;
