import { createChecks } from '../validation/validate.ts'
import { components } from './components.ts'

/** A maker of checks that knows every named schema. */
export const createApiChecks = (options: { coerce?: boolean } = {}) => createChecks({ ...options, schemas: components })
