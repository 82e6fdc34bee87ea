/** Cross-validation as a sweep: each point of the grid is trained once for each fold, and the folds are told together. */

import { fromJsonNumber, type JsonNumber, toJsonNumber } from '../../api/numbers.ts'
import type { CreateSweep, FoldedPoint, Grid, MeanAndSpread, SweepJob } from '../../api/sweep.schema.ts'
import { betterOf } from '../../catalog/metrics.ts'
import { foldCount } from '../jobs/plan/folds.ts'

/** Where a grid says which fold a job holds back. */
const foldPath = 'training.fold'

/** The grids of a sweep whose base asks for folds, with one more path: the fold. As they are if there are none, or if one is named. */
export const withFolds = ({ base, grid }: Pick<CreateSweep, 'base' | 'grid'>): Grid | Grid[] => {
  const given = grid ?? {}
  const count = foldsOf(base)
  const grids = Array.isArray(given) ? given : [given]
  if (count === undefined || grids.some((one) => foldPath in one)) return given
  const folds = Array.from({ length: count }, (_, index) => index + 1)
  const folded = grids.map((one) => ({ ...one, [foldPath]: folds }))
  return Array.isArray(given) ? folded : { ...given, [foldPath]: folds }
}

/** The points of a sweep by what they have in common but the fold, best first; undefined without folds. */
export const foldedPoints = (jobs: readonly SweepJob[], rankedBy: string | null): FoldedPoint[] | undefined => {
  const byPoint = new Map<string, SweepJob[]>()
  for (const job of jobs) {
    if (!(foldPath in job.point)) return undefined
    const key = JSON.stringify(withoutFold(job.point))
    byPoint.set(key, [...(byPoint.get(key) ?? []), job])
  }
  const points = [...byPoint.values()].map((folds) => {
    const [first] = folds.toSorted((a, b) => a.position - b.position)
    const done = folds.filter(({ status }) => status === 'succeeded')
    return {
      position: first?.position ?? 0,
      point: withoutFold(first?.point ?? {}),
      folds: folds.length,
      succeeded: done.length,
      measures: measuresOf(done),
    }
  })
  const sign = betterOf(rankedBy) === 'higher' ? -1 : 1
  const score = ({ measures }: (typeof points)[number]): number => {
    const value = rankedBy === null ? undefined : measures[rankedBy]
    return value === undefined ? Number.POSITIVE_INFINITY : sign * fromJsonNumber(value.mean)
  }
  return points.sort((a, b) => compare(score(a), score(b)) || a.position - b.position).map(({ position: _, ...point }) => point)
}

/** As many folds as a base names, if it names them well; what is wrong with them is said of each job. */
const foldsOf = ({ training }: CreateSweep['base']): number | undefined => {
  if (typeof training !== 'object' || training === null || !('folds' in training)) return undefined
  const { folds } = training as { folds?: number | { count: number; by: 'random' } }
  if (folds === null || 'fold' in training) return undefined
  const count = foldCount({ folds })
  return Number.isInteger(count) && count !== undefined && count >= 2 && count <= 1000 ? count : undefined
}

const withoutFold = ({ [foldPath]: _, ...point }: SweepJob['point']): SweepJob['point'] => point

const compare = (a: number, b: number): number => (Object.is(a, b) ? 0 : Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a - b)

/** Losses and metrics that every fold has. */
const measuresOf = (jobs: readonly SweepJob[]): Record<string, MeanAndSpread> => {
  const valuesOf = ({
    loss,
    perExampleLoss,
    validationLoss,
    perExampleValidationLoss,
    metrics,
  }: SweepJob): Record<string, JsonNumber | null> => ({
    loss,
    perExampleLoss,
    validationLoss,
    perExampleValidationLoss,
    ...metrics,
  })
  const all = jobs.map(valuesOf)
  return Object.fromEntries(
    Object.keys(all[0] ?? {}).flatMap((name) => {
      const values = all.flatMap((one) => one[name] ?? [])
      return values.length === all.length ? [[name, spreadOf(values.map(fromJsonNumber))]] : []
    }),
  )
}

const spreadOf = (values: readonly number[]): MeanAndSpread => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean: toJsonNumber(mean), std: toJsonNumber(Math.sqrt(squares / values.length)) }
}
