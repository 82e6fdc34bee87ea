/** A sweep as the API shows it: its jobs side by side, ranked by what compares them. */

import { fromJsonNumber, type JsonNumber, toJsonNumber } from '../../api/numbers.ts'
import type { SweepResource } from '../../api/sweep.schema.ts'
import { isTerminal, type JobStatus } from '../../contracts/lifecycle.ts'
import { foldedPoints } from './folds.ts'
import { perExample } from './per-example.ts'
import { type Contender, chooseCriterion, rank } from './ranking.ts'
import type { ListedSweep, Sweep, SweptJob } from './sweep.repository.ts'

/** A sweep on its way out: base and grid are passed on as they are stored. */
export type ShownSweep = Omit<SweepResource, 'base' | 'grid'> & Pick<Sweep, 'base' | 'grid'>

export const toSweepResource = ({ id, base, grid, rankBy, metadata, createdAt }: Sweep, jobs: readonly SweptJob[]): ShownSweep => {
  const contenders = jobs.map(toContender)
  const { rankedBy, rankedBecause } = chooseCriterion(contenders, rankBy ?? undefined)
  const ranked = rank(contenders, rankedBy)
  const folded = foldedPoints(ranked, rankedBy)
  return {
    id,
    status: jobs.every(({ status }) => isTerminal(status)) ? 'finished' : 'running',
    base,
    grid,
    rankedBy,
    rankedBecause,
    ...(folded ? { crossValidation: folded } : {}),
    jobs: ranked,
    metadata,
    createdAt: createdAt.toISOString(),
  }
}

/** A sweep in a list: no table, but how many of its jobs have each status. */
export const toSweepSummary = ({ createdAt, omitted, jobCounts, ...sweep }: ListedSweep) => ({
  ...sweep,
  status: Object.keys(jobCounts).every((status) => isTerminal(status as JobStatus)) ? ('finished' as const) : ('running' as const),
  jobCounts,
  ...(omitted.length > 0 ? { omitted } : {}),
  createdAt: createdAt.toISOString(),
})

const toContender = (job: SweptJob): Contender => {
  const { terms, trainingRows, validationRows, values } = job.point
  const { reduction } = job.config.loss
  const loss = job.result?.loss ?? orNull(job.latestLoss)
  const validationLoss = orNull(job.validationLoss)
  const mean = (value: JsonNumber | null, count: number | null, rows: number): JsonNumber | null =>
    value === null ? null : orNull(perExample(fromJsonNumber(value), reduction, count, rows))
  return {
    config: job.config,
    row: {
      position: job.position,
      jobId: job.id,
      point: values,
      status: job.status,
      loss,
      perExampleLoss: mean(loss, terms.training, trainingRows),
      validationLoss,
      perExampleValidationLoss: mean(validationLoss, terms.validation, validationRows),
      estimationError: job.result?.estimationError ?? null,
      metrics: job.metrics ?? {},
      epochs: job.epoch,
      seconds: job.seconds,
      error: job.errorCode ? { code: job.errorCode, message: job.errorMessage ?? '' } : null,
    },
  }
}

const orNull = (value: number | null): JsonNumber | null => (value === null ? null : toJsonNumber(value))
