import { Type } from 'typebox'

/** A query parameter that names a parameter of a model. */
export const jobParameter = (description: string) =>
  Type.String({ minLength: 1, maxLength: 200, description: `${description} E.g. layers.0.weight.` })
