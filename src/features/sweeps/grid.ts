/** From a grid to the configs of its points. */
import { pointer } from '../../contracts/faults.ts'
import type { Fault } from '../../contracts/problems.ts'
import { type Grid, type GridPoint, largestSweep } from '../../contracts/sweep.ts'

/** One point with the place of each of its values in the request, for faults. */
export type PlacedPoint = { values: GridPoint; places: Record<string, string> }

/** All points of a grid or of several, the last path changing fastest; or why there are none. */
export const expandGrid = (grid: Grid | Grid[]): { points: PlacedPoint[] } | { faults: Fault[] } => {
  const grids = Array.isArray(grid) ? grid.map((one, at) => ({ one, at: pointer('grid', at) })) : [{ one: grid, at: '/grid' }]
  const size = grids.reduce((sum, { one }) => sum + Object.values(one).reduce((product, values) => product * values.length, 1), 0)
  if (size > largestSweep)
    return {
      faults: [{ path: '/grid', code: 'too_large', message: `has ${size} combinations; a sweep has at most ${largestSweep}`, value: size }],
    }
  const faults = grids.flatMap(({ one, at }) => Object.keys(one).flatMap((path) => pathFaults(path, at)))
  return faults.length > 0 ? { faults } : { points: grids.flatMap(({ one, at }) => combine(Object.entries(one), at)) }
}

const pathFaults = (path: string, at: string): Fault[] => {
  const wrong = path.split('.').some((step) => step === '' || ['__proto__', 'constructor', 'prototype'].includes(step))
  return wrong ? [{ path: at + pointer(path), code: 'path', message: 'is no dotted path into a config' }] : []
}

const combine = ([first, ...rest]: [string, unknown[]][], at: string): PlacedPoint[] => {
  if (!first) return [{ values: {}, places: {} }]
  const [path, values] = first
  const tails = combine(rest, at)
  return values.flatMap((value, index) =>
    tails.map((tail) => ({ values: { [path]: value, ...tail.values }, places: { [path]: at + pointer(path, index), ...tail.places } })),
  )
}

/** The base config with a point's values in it. */
export const configAt = (base: Record<string, unknown>, { values }: PlacedPoint): Record<string, unknown> => {
  const config = structuredClone(base)
  for (const [path, value] of Object.entries(values)) setAt(config, path.split('.'), structuredClone(value))
  return config
}

/** Sets a value below objects and arrays; what stands in the way is replaced by an object. */
const setAt = (target: Record<string, unknown>, [step = '', ...rest]: string[], value: unknown): void => {
  if (rest.length === 0) {
    target[step] = value
    return
  }
  const next = target[step]
  if (typeof next === 'object' && next !== null) setAt(next as Record<string, unknown>, rest, value)
  else {
    const made: Record<string, unknown> = {}
    target[step] = made
    setAt(made, rest, value)
  }
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
