-- Predictions for datasets that have ended, counted by the statements that end them; those from before are not.
ALTER TABLE "Tenant" ADD COLUMN     "predictionsSucceeded" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "predictionsFailed" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "predictionsCancelled" BIGINT NOT NULL DEFAULT 0;
