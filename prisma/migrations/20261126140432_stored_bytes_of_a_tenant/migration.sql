-- CreateIndex
CREATE INDEX "Dataset_tenant_storedBytes_idx" ON "Dataset"("tenant", "storedBytes");
