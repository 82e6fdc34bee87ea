import { validationName } from '../../src/catalog/metrics.ts'

/** Metrics of the rows held back, under their names. */
export const ofValidation = (metrics: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [validationName(name), value]))
