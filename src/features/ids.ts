/** Ids: a prefix that says what the thing is, and a ULID, so that ids sort by time of creation. */
import { monotonicFactory } from 'ulid'

export type IdPrefix = 'ds' | 'job' | 'sweep' | 'upl' | 'imp' | 'call' | 'req'
export type NewId = ReturnType<typeof createIds>

/** A maker of ids, each greater than the one before. */
export const createIds = () => {
  const ulid = monotonicFactory()
  return (prefix: IdPrefix): string => `${prefix}_${ulid().toLowerCase()}`
}
