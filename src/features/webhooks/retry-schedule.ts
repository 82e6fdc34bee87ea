/** When a delivery is tried again. */
import { retrySeconds } from '../../api/delivery.schema.ts'

/** The longest that a receiver that could not be reached is left alone. */
const longestPauseSeconds = 60

/** Seconds until the next attempt after so many; null if there is none. `chance`, from 0 to 1, spreads what failed together. */
export const secondsUntilRetry = (attempts: number, chance = Math.random()): number | null => {
  const seconds = retrySeconds[attempts - 1]
  return seconds === undefined ? null : spread(seconds, chance)
}

/** Seconds for which a receiver is left alone that was not reached so many times in a row. */
export const pauseSeconds = (failures: number, chance = Math.random()): number =>
  spread(Math.min(retrySeconds[failures - 1] ?? longestPauseSeconds, longestPauseSeconds), chance)

/** At most a quarter sooner. */
const spread = (seconds: number, chance: number): number => seconds * (1 - chance / 4)
