/**
 * What the OpenAPI document says if a schema validates in another way than clients read it: the keyword `published`,
 * which validation does not know, stands beside the keywords that validate, and the document has it in their place.
 */
import type { TProperties, TSchema } from 'typebox'

/** A JSON Schema, whose keywords a program looks at. */
export type Schema = { $ref?: string; [keyword: string]: unknown }

/** A schema that others may refer to. */
export type Named = TSchema & { $id?: string }

export const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The name that a reference ends with: `Layer` of `Layer#` and of `#/components/schemas/Layer`. */
export const nameOf = (reference: string | undefined): string => reference?.split('/').at(-1)?.replace(/#$/, '') ?? ''

/** An object with any of the fields of several; of fields with the same name the first describes all. */
export const optionalFields = (alternatives: readonly TProperties[]) => {
  const fields = new Map(alternatives.flatMap((properties) => Object.entries(properties)).reverse())
  const described = [...fields].reverse().map(([name, schema]) => [name, { ...schema, default: undefined } as Schema] as const)
  return { type: 'object', properties: Object.fromEntries(described), additionalProperties: false }
}
