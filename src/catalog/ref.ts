import { type Static, type TSchema, Type } from 'typebox'

/** A reference to a schema that has an `$id`, with its static type: the OpenAPI document then holds it once, by name. */
export const ref = <Schema extends TSchema>(schema: Schema, annotations: Record<string, unknown> = {}) => {
  const { $id } = schema as { $id?: string }
  if (!$id) throw new Error('a schema without $id cannot be referred to')
  return Type.Unsafe<Static<Schema>>({ $ref: `${$id}#`, ...annotations })
}
