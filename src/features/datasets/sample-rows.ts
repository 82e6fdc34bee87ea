import { createStream } from '../../numerics/random.ts'

/** `count` different row numbers below `rows` in random order: Fisher and Yates's shuffle, stopped after `count` draws. */
export const sampleRows = (rows: number, count: number, seed: number): number[] => {
  const draws = createStream({ seed, purpose: 'preview' }).uniforms(Math.min(rows, count))
  const moved = new Map<number, number>()
  return Array.from(draws, (draw, at) => {
    const other = at + Math.floor(draw * (rows - at))
    const picked = moved.get(other) ?? other
    moved.set(other, moved.get(at) ?? at)
    return picked
  })
}
