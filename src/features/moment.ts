import { timeOf } from '../validation/time-of.ts'

/** The moment of a time of RFC 3339; what lies before 1970 is over all the same. */
export const toMoment = (text: string): Date => new Date(Math.max(0, timeOf(text)))
