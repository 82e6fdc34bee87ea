-- CreateTable
CREATE TABLE "Webhook" (
    "id" TEXT NOT NULL,
    "tenant" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "events" TEXT[],
    "description" TEXT,
    "status" TEXT NOT NULL DEFAULT 'enabled',
    "disabledReason" TEXT,
    "jobId" TEXT,
    "secret" BYTEA,
    "previousSecret" BYTEA,
    "previousUntil" TIMESTAMPTZ(3),
    "dropped" INTEGER NOT NULL DEFAULT 0,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "retryAt" TIMESTAMPTZ(3),
    "wokenAt" TIMESTAMPTZ(3),
    "since" BIGINT NOT NULL DEFAULT event_position(),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Webhook_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Delivery" (
    "id" TEXT NOT NULL,
    "tenant" TEXT NOT NULL,
    "webhookId" TEXT NOT NULL,
    "jobId" TEXT,
    "position" BIGSERIAL NOT NULL,
    "type" TEXT NOT NULL,
    "seq" INTEGER,
    "body" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAt" TIMESTAMPTZ(3) DEFAULT CURRENT_TIMESTAMP,
    "leaseToken" UUID,
    "leaseUntil" TIMESTAMPTZ(3),
    "last" JSONB,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finishedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Delivery_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "WebhookSecret" (
    "tenant" TEXT NOT NULL,
    "secret" BYTEA NOT NULL,
    "previousSecret" BYTEA,
    "previousUntil" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "WebhookSecret_pkey" PRIMARY KEY ("tenant")
);

-- CreateTable
CREATE TABLE "WebhookCursor" (
    "name" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    "jobId" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,

    CONSTRAINT "WebhookCursor_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE INDEX "Webhook_tenant_id_idx" ON "Webhook"("tenant", "id");

-- CreateIndex
CREATE INDEX "Webhook_jobId_idx" ON "Webhook"("jobId");

-- CreateIndex
CREATE INDEX "Delivery_webhookId_id_idx" ON "Delivery"("webhookId", "id");

-- CreateIndex
CREATE INDEX "Delivery_webhookId_jobId_position_idx" ON "Delivery"("webhookId", "jobId", "position");

-- CreateIndex
CREATE INDEX "Delivery_finishedAt_idx" ON "Delivery"("finishedAt");

-- AddForeignKey
ALTER TABLE "Delivery" ADD CONSTRAINT "Delivery_webhookId_fkey" FOREIGN KEY ("webhookId") REFERENCES "Webhook"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A tenant's own webhooks, whatever number of jobs bring theirs, and from where on anybody is told of anything.
CREATE INDEX "Webhook_own_idx" ON "Webhook"("tenant", "id") WHERE "jobId" IS NULL;
CREATE INDEX "Webhook_since_idx" ON "Webhook"("since") WHERE "status" = 'enabled';

-- What waits to be sent.
CREATE INDEX "Delivery_due_idx" ON "Delivery"("nextAt") WHERE "status" = 'pending';
CREATE INDEX "Delivery_order_idx" ON "Delivery"("webhookId", "position") WHERE "status" = 'pending';
CREATE INDEX "Delivery_tenant_pending_idx" ON "Delivery"("tenant", "position") WHERE "status" = 'pending';
