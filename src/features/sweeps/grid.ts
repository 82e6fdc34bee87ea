/** From a grid to the configs of its points. */
import { pointer } from '../../contracts/faults.ts'
import type { Fault } from '../../contracts/problems.ts'
import { type Grid, type GridPoint, largestSweep } from '../../contracts/sweep.ts'
import { gridPathFaults } from './grid-path.ts'
import { isDeeperThan } from './nesting.ts'

/** One point with the place of each of its values in the request, for faults. */
export type PlacedPoint = { values: GridPoint; places: Record<string, string> }

/** No config nests deeper than this. */
const deepest = 32

/**
 * All points of a grid or of several over a base config, the last path changing fastest; or why there are none. Nothing is
 * set before every path was found to lead somewhere.
 */
export const expandGrid = (grid: Grid | Grid[], base: Record<string, unknown>): { points: PlacedPoint[] } | { faults: Fault[] } => {
  const grids = Array.isArray(grid) ? grid.map((one, at) => ({ one, at: pointer('grid', at) })) : [{ one: grid, at: '/grid' }]
  const size = grids.reduce((sum, { one }) => sum + Object.values(one).reduce((product, values) => product * values.length, 1), 0)
  if (size > largestSweep)
    return {
      faults: [{ path: '/grid', code: 'too_large', message: `has ${size} combinations; a sweep has at most ${largestSweep}`, value: size }],
    }
  const tooDeep = `nests deeper than the ${deepest} levels that a config may have`
  if (isDeeperThan(base, deepest)) return { faults: [{ path: '/base', code: 'too_deep', message: tooDeep }] }
  const faults = grids.flatMap(({ one, at }) => [
    ...gridPathFaults(Object.keys(one), base, at),
    ...Object.entries(one).flatMap(([path, values]) =>
      values.flatMap((value, index): Fault[] =>
        isDeeperThan(value, deepest) ? [{ path: at + pointer(path, index), code: 'too_deep', message: tooDeep }] : [],
      ),
    ),
  ])
  return faults.length > 0 ? { faults } : { points: grids.flatMap(({ one, at }) => combine(Object.entries(one), at)) }
}

const combine = ([first, ...rest]: [string, unknown[]][], at: string): PlacedPoint[] => {
  if (!first) return [{ values: {}, places: {} }]
  const [path, values] = first
  const tails = combine(rest, at)
  return values.flatMap((value, index) =>
    tails.map((tail) => ({ values: { [path]: value, ...tail.values }, places: { [path]: at + pointer(path, index), ...tail.places } })),
  )
}

/**
 * The base config with a point's values in it. It shares with the base, and with the configs of other points, whatever
 * the point does not change.
 */
export const configAt = (base: Record<string, unknown>, { values }: PlacedPoint): Record<string, unknown> =>
  Object.entries(values).reduce<Record<string, unknown>>(
    (config, [path, value]) => withValue(config, path.split('.'), value) as Record<string, unknown>,
    base,
  )

/** A copy of an object or array with a value set below it; the objects on the way are copied, or made where they are missing. */
const withValue = (target: unknown, [step, ...rest]: string[], value: unknown): unknown => {
  if (step === undefined) return value
  if (Array.isArray(target)) return target.map((element, at) => (at === Number(step) ? withValue(element, rest, value) : element))
  const object = (target ?? {}) as Record<string, unknown>
  return { ...object, [step]: withValue(object[step], rest, value) }
}

/** Where a fault of a point's config lies in the request: at the grid's value that caused it, or in the base. */
export const faultInRequest = (fault: Fault, { places }: PlacedPoint): Fault => {
  for (const [path, place] of Object.entries(places)) {
    const inConfig = pointer(...path.split('.'))
    if (fault.path === inConfig || fault.path.startsWith(`${inConfig}/`))
      return { ...fault, path: place + fault.path.slice(inConfig.length) }
  }
  return { ...fault, path: fault.path === '/body' ? '/base' : `/base${fault.path}` }
}
