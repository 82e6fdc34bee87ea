-- A slice that is asked for beyond the end of a tensor ends there, also where the values of another follow in the same blob.
CREATE OR REPLACE FUNCTION tensor_slice(tensor "Tensor", at BIGINT, length INTEGER) RETURNS BYTEA LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN tensor."blobId" IS NULL THEN substring(tensor."values" FROM (at + 1)::int FOR length)
    ELSE blob_slice(tensor."blobId", tensor."blobOffset" + at, least(length, 4
      * coalesce(tensor.shape[1], 1)::bigint * coalesce(tensor.shape[2], 1) * coalesce(tensor.shape[3], 1)
      * coalesce(tensor.shape[4], 1) * coalesce(tensor.shape[5], 1) * coalesce(tensor.shape[6], 1) - at)::int) END
$$;
