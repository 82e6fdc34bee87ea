/** Ids: a prefix that says what the thing is, and a ULID, so that ids sort by time of creation. */
import { encodeTime, monotonicFactory, TIME_LEN, TIME_MAX } from 'ulid'

export type IdPrefix = 'ds' | 'job' | 'sweep' | 'upl' | 'imp' | 'trn' | 'pred' | 'key' | 'whk' | 'dlv' | 'call' | 'req'
export type NewId = ReturnType<typeof createIds>

/** A maker of ids, each greater than the one before. */
export const createIds = () => {
  const ulid = monotonicFactory()
  return (prefix: IdPrefix): string => `${prefix}_${ulid().toLowerCase()}`
}

/** The smallest id of this prefix that can be made at a time, in milliseconds. */
export const firstIdOf = (prefix: IdPrefix, time: number): string =>
  `${prefix}_${encodeTime(Math.min(Math.max(time, 0), TIME_MAX), TIME_LEN).toLowerCase()}${'0'.repeat(16)}`
