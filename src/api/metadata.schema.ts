import { Type } from 'typebox'

/** Keys and values that a client files its things under; lists can be filtered by them. */
export const metadataSchema = Type.Unsafe<Record<string, string | number>>({
  $id: 'Metadata',
  type: 'object',
  maxProperties: 16,
  propertyNames: { type: 'string', minLength: 1, maxLength: 64 },
  additionalProperties: { type: ['string', 'number'], maxLength: 512 },
  description: 'Up to 16 pairs of your own; values are strings or numbers.',
})

/** `metadata[key]=value` in the query of a list. */
export const metadataPatterns = { '^metadata\\[.{1,64}\\]$': { type: 'string', maxLength: 512 } }

/** What the document says of `metadata[key]=value`, which stands in no list of properties. */
export const metadataFilter = (what: string) => ({
  name: 'metadata',
  in: 'query',
  required: false,
  style: 'deepObject',
  explode: true,
  description: `Only ${what} whose metadata has each of these entries, given as \`metadata[key]=value\`.`,
  schema: { type: 'object', additionalProperties: { type: 'string', maxLength: 512 } },
})
