/** A sweep as the API shows it: its jobs side by side, ranked by what compares them. */
import { isTerminal } from '../../contracts/job-status.ts'
import { fromJsonNumber, type JsonNumber, toJsonNumber } from '../../contracts/numbers.ts'
import type { SweepResource } from '../../contracts/sweep.ts'
import { perExample } from './per-example.ts'
import { type Contender, chooseCriterion, rank } from './ranking.ts'
import type { Sweep, SweptJob } from './sweep.repository.ts'

export const toSweepResource = ({ id, request, metadata, createdAt }: Sweep, jobs: readonly SweptJob[]): SweepResource => {
  const contenders = jobs.map(toContender)
  const { rankedBy, rankedBecause } = chooseCriterion(contenders, request.rankBy)
  return {
    id,
    status: jobs.every(({ status }) => isTerminal(status)) ? 'finished' : 'running',
    base: request.base,
    grid: request.grid,
    rankedBy,
    rankedBecause,
    jobs: rank(contenders, rankedBy),
    metadata,
    createdAt: createdAt.toISOString(),
  }
}

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
