/**
 * What the OpenAPI document says where a schema validates in another way than clients read it: the keyword `published`,
 * which validation does not know, stands beside the keywords that validate, and the document has it in their place.
 */
import type { TProperties } from 'typebox'

/** An object with any of the fields of several; of fields with the same name the first describes all. */
export const optionalFields = (alternatives: readonly TProperties[]): object => {
  const fields = new Map(alternatives.flatMap((properties) => Object.entries(properties)).reverse())
  const described = [...fields].reverse().map(([name, schema]) => [name, { ...schema, default: undefined }])
  return { type: 'object', properties: Object.fromEntries(described), additionalProperties: false }
}
