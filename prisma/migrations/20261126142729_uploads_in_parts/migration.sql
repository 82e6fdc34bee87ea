-- CreateTable
CREATE TABLE "Upload" (
    "id" TEXT NOT NULL,
    "tenant" TEXT NOT NULL,
    "contentType" TEXT NOT NULL,
    "contentEncoding" TEXT,
    "options" JSONB NOT NULL DEFAULT '{}',
    "bytes" BIGINT,
    "datasetId" TEXT,
    "completingUntil" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Upload_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "UploadPart" (
    "uploadId" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "size" INTEGER NOT NULL,
    "hash" BYTEA NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "UploadPart_pkey" PRIMARY KEY ("uploadId","number")
);

-- CreateIndex
CREATE INDEX "Upload_tenant_id_idx" ON "Upload"("tenant", "id");

-- CreateIndex
CREATE INDEX "Upload_expiresAt_idx" ON "Upload"("expiresAt");

-- AddForeignKey
ALTER TABLE "UploadPart" ADD CONSTRAINT "UploadPart_uploadId_fkey" FOREIGN KEY ("uploadId") REFERENCES "Upload"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Parts are read in slices, which compressed bytes would not allow.
ALTER TABLE "UploadPart" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;
