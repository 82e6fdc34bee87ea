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
