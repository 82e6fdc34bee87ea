import { type TSchema, Type } from 'typebox'

/** A schema of what may be null besides. */
export const nullable = <Schema extends TSchema>(schema: Schema, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description })
