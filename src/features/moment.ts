import { timeOf } from '../validation/time-of.ts'

/** The last moment that RFC 3339 has a year for, in UTC. */
const last = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** The moment of a time of RFC 3339; what lies before 1970 is over all the same, and what an offset puts behind the year 9999 never comes. */
export const toMoment = (text: string): Date => new Date(Math.min(Math.max(0, timeOf(text)), last))
