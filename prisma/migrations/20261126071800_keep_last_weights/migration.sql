-- A job that ends before it is done keeps the weights of its last finished epoch, whoever ends it: a worker, the API, a
-- sweep, or the reconciler after a worker died. Where they were not recorded they are in the checkpoint, which at the end
-- of an epoch holds nothing newer. Names with a slash are optimizer slots, gradients and the like. A checkpoint of an
-- older version has no norms: readers make them from the values.
CREATE FUNCTION keep_last_weights() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "Tensor" ("jobId", kind, epoch, position, parameter, shape, norm, "values")
  SELECT NEW.id, 'weight', saved.epoch, row_number() OVER (ORDER BY tensor.place) - 1, tensor.name, tensor.shape, tensor.norm,
    substring(saved."values" FROM (4 * (tensor.upto - tensor.size) + 1)::int FOR (4 * tensor.size)::int)
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

CREATE TRIGGER keep_last_weights AFTER UPDATE OF status ON "Job" FOR EACH ROW
  WHEN (NEW.status IN ('cancelled', 'failed', 'succeeded') AND OLD.status IS DISTINCT FROM NEW.status)
  EXECUTE FUNCTION keep_last_weights();
