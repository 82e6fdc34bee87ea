/** How long requests take, one after the other, and how tables say it. */

/**
 * Milliseconds of `work`: the lower quartile of `times` runs after a few that are not counted, since what else the machine does meanwhile
 * only ever adds to them.
 */
export const typicalMs = async (times, work, { warmUps = 3 } = {}) => {
  for (let at = 0; at < warmUps; at++) await work()
  const taken = []
  for (let at = 0; at < times; at++) {
    const began = performance.now()
    await work()
    taken.push(performance.now() - began)
  }
  return taken.toSorted((a, b) => a - b)[Math.floor(taken.length / 4)]
}

/** Milliseconds as tables say them. */
export const ms = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`

/** How many times as long. */
const times = (before, after) => (after / before).toFixed(2)

/** A row of a comparison: what, before, after, how many times as much, and what is wanted. */
export const comparison = (what, before, after, wanted = '≤ 1.5') => [what, ms(before), ms(after), times(before, after), wanted]

export const thousands = (count) => count.toLocaleString('en-US')

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds))
