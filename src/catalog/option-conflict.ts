/** Options of an entry, each in its range, that do not go together. */
import type { ValidationError } from '../contracts/error-codes.ts'

/** Which option does not go with the others, what is expected of it, and its value if that helps. */
export type OptionConflict = { option: string; message: string; value?: number }

/** A conflict as a validation error; `at` is where the options lie. */
export const conflictErrors = (conflict: OptionConflict | undefined, at: string): ValidationError[] => {
  if (!conflict) return []
  const { option, ...said } = conflict
  return [{ path: `${at}/${option}`, code: 'range', ...said }]
}
