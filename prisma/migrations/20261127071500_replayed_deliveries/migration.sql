-- AlterTable
ALTER TABLE "Delivery" ADD COLUMN "isReplay" BOOLEAN NOT NULL DEFAULT false;

-- What is sent next to a webhook: what was replayed comes after all that is new.
CREATE INDEX "Delivery_turn_idx" ON "Delivery"("webhookId", "isReplay", "position") WHERE "status" = 'pending';
DROP INDEX "Delivery_order_idx";
