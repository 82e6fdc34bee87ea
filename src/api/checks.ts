import { createChecks } from '../validation/validate.ts'
import { components } from './components.ts'

type Coercion = { coerce?: boolean }

/** A maker of checks that knows every named schema. One for all who ask: what named schemas are compiled to is shared. */
export const createApiChecks = ({ coerce = false }: Coercion = {}) => {
  const made = makers.get(coerce) ?? createChecks({ coerce, schemas: components })
  makers.set(coerce, made)
  return made
}

const makers = new Map<boolean, ReturnType<typeof createChecks>>()
