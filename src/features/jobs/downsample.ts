/**
 * Picks `count` points of a curve that show its shape: Steinarsson's largest-triangle-three-buckets. The first and the
 * last point always stay; a point that isn't finite has no area and stays only by chance.
 * Pauses by itself, since a curve may have millions of points.
 * @returns indices into `values`, ascending; all of them if there are no more than `count`
 * @see Sveinn Steinarsson, Downsampling Time Series for Visual Representation (2013)
 */
export function* downsample(values: ArrayLike<number>, count: number): Generator<void, number[]> {
  const last = values.length - 1
  if (values.length <= count) return Array.from(values, (_, at) => at)
  if (count <= 1) return [last]
  if (count === 2) return [0, last]

  const picked = [0]
  const bucket = (last - 1) / (count - 2)
  let paused = 0
  for (let step = 0; step < count - 2; step++) {
    const from = Math.floor(step * bucket) + 1
    const to = Math.floor((step + 1) * bucket) + 1
    const next = centerOf(values, to, step === count - 3 ? last + 1 : Math.floor((step + 2) * bucket) + 1)
    picked.push(largestTriangle(values, picked.at(-1) ?? 0, from, to, next))
    if (to - paused >= pointsAtOnce) {
      yield
      paused = to
    }
  }
  return [...picked, last]
}

/** Points that are looked at between two pauses. */
const pointsAtOnce = 20_000

type Point = { x: number; y: number }

const centerOf = (values: ArrayLike<number>, from: number, to: number): Point => {
  let sum = 0
  for (let at = from; at < to; at++) sum += finite(values[at])
  return { x: (from + to - 1) / 2, y: sum / Math.max(1, to - from) }
}

const largestTriangle = (values: ArrayLike<number>, previous: number, from: number, to: number, next: Point): number => {
  const a = { x: previous, y: finite(values[previous]) }
  let best = from
  let largest = -1
  for (let at = from; at < to; at++) {
    const area = Math.abs((a.x - next.x) * (finite(values[at]) - a.y) - (a.x - at) * (next.y - a.y))
    if (area > largest) {
      largest = area
      best = at
    }
  }
  return best
}

const finite = (value: number | undefined): number => (value !== undefined && Number.isFinite(value) ? value : 0)
