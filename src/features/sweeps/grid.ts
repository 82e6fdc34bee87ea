/** From a grid to the configs of its points. */

import { type Grid, type GridPoint, largestSweep } from '../../api/sweep.schema.ts'
import type { ValidationError } from '../../contracts/error-codes.ts'
import { type Checked, pointer } from '../../validation/validation-errors.ts'
import { gridPathErrors } from './grid-path.ts'
import { isDeeperThan } from './json-values.ts'

/** One point with the place of each of its values in the request, for validation errors. */
export type PlacedPoint = { values: GridPoint; places: Record<string, string> }

/** No config nests deeper than this. */
const deepest = 32

/**
 * All points of a grid or of several over a base config, the last path changing fastest; or why there are none. Nothing is
 * set before every path was found to lead somewhere.
 */
export const expandGrid = (grid: Grid | Grid[], base: Record<string, unknown>): Checked<PlacedPoint[]> => {
  const grids = Array.isArray(grid) ? grid.map((one, at) => ({ one, at: pointer('grid', at) })) : [{ one: grid, at: '/grid' }]
  const size = grids.reduce((sum, { one }) => sum + Object.values(one).reduce((product, values) => product * values.length, 1), 0)
  if (size > largestSweep)
    return {
      errors: [{ path: '/grid', code: 'too_large', message: `has ${size} combinations; a sweep has at most ${largestSweep}`, value: size }],
    }
  const tooDeep = `nests deeper than the ${deepest} levels that a config may have`
  if (isDeeperThan(base, deepest)) return { errors: [{ path: '/base', code: 'too_deep', message: tooDeep }] }
  const errors = grids.flatMap(({ one, at }) => [
    ...gridPathErrors(Object.keys(one), base, at),
    ...Object.entries(one).flatMap(([path, values]) =>
      values.flatMap((value, index): ValidationError[] =>
        isDeeperThan(value, deepest) ? [{ path: at + pointer(path, index), code: 'too_deep', message: tooDeep }] : [],
      ),
    ),
  ])
  return errors.length > 0 ? { errors } : { value: grids.flatMap(({ one, at }) => combine(Object.entries(one), at)) }
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

/** Where a validation error of a point's config lies in the request: at the grid's value that caused it, or in the base. */
export const errorInRequest = (error: ValidationError, { places }: PlacedPoint): ValidationError => {
  for (const [path, place] of Object.entries(places)) {
    const inConfig = pointer(...path.split('.'))
    if (error.path === inConfig || error.path.startsWith(`${inConfig}/`))
      return { ...error, path: place + error.path.slice(inConfig.length) }
  }
  return { ...error, path: error.path === '/body' ? '/base' : `/base${error.path}` }
}

const combine = ([first, ...rest]: [string, unknown[]][], at: string): PlacedPoint[] => {
  if (!first) return [{ values: {}, places: {} }]
  const [path, values] = first
  const tails = combine(rest, at)
  return values.flatMap((value, index) =>
    tails.map((tail) => ({ values: { [path]: value, ...tail.values }, places: { [path]: at + pointer(path, index), ...tail.places } })),
  )
}

/** A copy of an object or array with a value set below it; the objects on the way are copied, or made if they are missing. */
const withValue = (target: unknown, [step, ...rest]: string[], value: unknown): unknown => {
  if (step === undefined) return value
  if (Array.isArray(target)) return target.map((element, at) => (at === Number(step) ? withValue(element, rest, value) : element))
  const object = (target ?? {}) as Record<string, unknown>
  return { ...object, [step]: withValue(object[step], rest, value) }
}
