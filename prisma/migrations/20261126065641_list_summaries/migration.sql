-- AlterTable
ALTER TABLE "Dataset" ADD COLUMN     "summary" JSONB;

-- AlterTable
ALTER TABLE "Job" ADD COLUMN     "summary" JSONB;

-- AlterTable
ALTER TABLE "Sweep" ADD COLUMN     "summary" JSONB;

-- Rows that are there already get the summaries that new ones are stored with: everything but long lists of numbers or texts.
CREATE FUNCTION "abridged"("value" JSONB) RETURNS JSONB LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF jsonb_typeof("value") = 'object' THEN
        RETURN (SELECT coalesce(jsonb_object_agg("key", "short") FILTER (WHERE "short" IS NOT NULL), '{}')
            FROM (SELECT "key", "abridged"("inner") AS "short" FROM jsonb_each("value") AS "field"("key", "inner")) AS "fields");
    ELSIF jsonb_typeof("value") <> 'array' THEN
        RETURN "value";
    ELSIF jsonb_array_length("value") > 100 AND jsonb_typeof("value"->0) NOT IN ('object', 'array') THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT coalesce(jsonb_agg(coalesce("abridged"("inner"), 'null') ORDER BY "place"), '[]')
        FROM jsonb_array_elements("value") WITH ORDINALITY AS "element"("inner", "place"));
END $$;

UPDATE "Job" SET "summary" = jsonb_build_object('config', "short"."config", 'omitted', '["/config"]'::jsonb)
FROM (SELECT "id", "abridged"("config") AS "config" FROM "Job" WHERE pg_column_size("config") > 1000) AS "short"
WHERE "short"."id" = "Job"."id" AND "short"."config" <> "Job"."config";

UPDATE "Sweep" SET "summary" = jsonb_build_object('base', "short"."request"->'base', 'grid', "short"."request"->'grid', 'omitted', '["/base", "/grid"]'::jsonb)
FROM (SELECT "id", "abridged"("request") AS "request" FROM "Sweep" WHERE pg_column_size("request") > 1000) AS "short"
WHERE "short"."id" = "Sweep"."id" AND "short"."request" <> "Sweep"."request";

UPDATE "Dataset" SET "summary" = jsonb_build_object('columns', "short"."columns", 'synthetic', "short"."spec", 'omitted',
    CASE WHEN jsonb_array_length("Dataset"."columns") > 100 THEN '["/columns"]'::jsonb ELSE '["/synthetic"]'::jsonb END)
FROM (SELECT "id", jsonb_path_query_array("columns", '$[0 to 99]') AS "columns", "abridged"("spec") AS "spec" FROM "Dataset"
    WHERE pg_column_size("columns") > 1000 OR pg_column_size("spec") > 1000) AS "short"
WHERE "short"."id" = "Dataset"."id" AND ("short"."columns" <> "Dataset"."columns" OR "short"."spec" <> "Dataset"."spec");

DROP FUNCTION "abridged";
