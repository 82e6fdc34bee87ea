/** The points of a sweep as jobs that can be queued: each config checked and prepared, and no copy of what they share. */
import { setImmediate as turn } from 'node:timers/promises'
import { createApiChecks } from '../../api/checks.ts'
import { type JobConfig, JobConfigSchema, type JobRequest } from '../../api/job-config.schema.ts'
import { maxSweepValues, type SweepRequest } from '../../api/sweep.schema.ts'
import type { EngineState } from '../../contracts/engine.ts'
import { Problem, type ValidationError } from '../../contracts/error-codes.ts'
import type { RowCounts } from '../../contracts/plan.ts'
import { type Checked, maxListedErrors, requireValue, throwIfInvalid } from '../../validation/validation-errors.ts'
import type { NewDataset } from '../datasets/dataset.ts'
import type { JobPreparation, PreparedJob } from '../jobs/job-preparation.ts'
import { enteredParts, untouchedBase } from './entered-parts.ts'
import { configAt, errorInRequest, expandGrid, type PlacedPoint } from './grid.ts'
import { copyContainers, countValues } from './json-values.ts'
import { termsOf } from './per-example.ts'
import type { StoredPoint } from './sweep.repository.ts'

/** A point as it is stored. `dataset` comes with the first of the jobs that share it. */
export type PreparedPoint = {
  config: JobConfig
  datasetId: string
  dataset: NewDataset | null
  rowCounts: RowCounts | null
  checkpoint?: EngineState
  stored: StoredPoint
}

/** Weights that the jobs of one sweep may start from together, counted for each job: 100 MB. */
const maxStartingValues = 25_000_000

export const createSweepPoints = ({ preparation }: { preparation: Pick<JobPreparation, 'prepareMany' | 'chooseParts'> }) => {
  const checkConfig = createApiChecks()(JobConfigSchema)

  /** All points of a request. Between two of them others have their turn. @throws Problem VALIDATION_FAILED with the validation errors of all */
  const preparePoints = async (tenant: string, { base: given, grid }: SweepRequest): Promise<PreparedPoint[]> => {
    const base = await withEnteredParts(tenant, { base: given, grid })
    const points = pointsOf(base, grid)
    // Checking fills defaults in, which must not show in what the request is stored as.
    const shared = copyContainers(base)
    const prepare = preparation.prepareMany(tenant)
    const share = shareDatasets()
    const startsFrom = limitStarts()
    const prepared: PreparedPoint[] = []
    const errors: ValidationError[] = []
    for (const point of points) {
      const outcome = await preparePoint(configAt(shared, { ...point, values: copyContainers(point.values) }), prepare)
      const wrong = 'errors' in outcome ? outcome.errors : startsFrom(outcome.value)
      if ('value' in outcome && wrong.length === 0) prepared.push(toPreparedPoint(point, share(outcome.value)))
      errors.push(...wrong.map((error) => errorInRequest(error, point)))
      if (errors.length >= maxListedErrors) break
      await turn()
    }
    throwIfInvalid(withoutRepeats(errors))
    return prepared
  }

  const preparePoint = async (
    config: Record<string, unknown>,
    prepare: ReturnType<JobPreparation['prepareMany']>,
  ): Promise<Checked<PreparedJob>> => {
    const errors = checkConfig(config)
    if (errors.length > 0) return { errors }
    try {
      return { value: await prepare(config as unknown as JobRequest) }
    } catch (problem) {
      if (problem instanceof Problem && problem.errors.length > 0) return { errors: problem.errors }
      throw problem
    }
  }

  /** The base with the parts that it leaves out and the grid leads into; as it is if none can be chosen, which the jobs' validation errors then say. */
  const withEnteredParts = async (tenant: string, request: Pick<SweepRequest, 'base' | 'grid'>): Promise<Record<string, unknown>> => {
    const parts = enteredParts(request)
    if (parts.length === 0) return request.base
    const config = copyContainers(untouchedBase(request))
    if (checkConfig(config).length > 0) return request.base
    const chosen = await preparation.chooseParts(tenant, config as unknown as JobRequest)
    if ('errors' in chosen) return request.base
    return { ...request.base, ...Object.fromEntries(parts.map((part) => [part, chosen.value[part]])) }
  }

  return { preparePoints }
}

/** @throws Problem VALIDATION_FAILED if the grid makes no points, or more than may be kept */
const pointsOf = (base: SweepRequest['base'], grid: SweepRequest['grid']): PlacedPoint[] => {
  const points = requireValue(expandGrid(grid, base))
  throwIfInvalid(sizeErrors(base, points))
  return points
}

/** More than the jobs of a sweep may hold together. Counted before any config is made. */
const sizeErrors = (base: unknown, points: readonly PlacedPoint[]): ValidationError[] => {
  const ofBase = countValues(base)
  const known = new Map<unknown, number>()
  const countOnce = (value: unknown): number => {
    const count = known.get(value) ?? countValues(value)
    known.set(value, count)
    return count
  }
  const ofGrid = points.reduce((sum, { values }) => sum + Object.values(values).reduce((of: number, value) => of + countOnce(value), 0), 0)
  const size = points.length * ofBase + ofGrid
  if (size <= maxSweepValues) return []
  const message = `the configs of ${points.length} jobs would hold ${size} numbers and texts together; at most ${maxSweepValues} are allowed`
  return [{ path: points.length * ofBase > ofGrid ? '/base' : '/grid', code: 'too_large', message }]
}

const toPreparedPoint = ({ values }: PlacedPoint, { config, plan, datasetId, newDataset, ...job }: PreparedJob): PreparedPoint => {
  const { trainingRows, validationRows } = plan
  return { ...job, config, datasetId, dataset: newDataset, stored: { values, terms: termsOf(plan), trainingRows, validationRows } }
}

/** Jobs on one synthetic spec share one dataset, which is stored with the first of them. */
const shareDatasets = () => {
  const known = new Map<string, string>()
  return (job: PreparedJob): PreparedJob => {
    if (!job.newDataset) return job
    const shared = known.get(job.newDataset.contentHash)
    if (shared) return { ...job, newDataset: null, datasetId: shared }
    known.set(job.newDataset.contentHash, job.datasetId)
    return job
  }
}

/** Each job keeps a copy of the weights that it starts from. */
const limitStarts = () => {
  let values = 0
  return ({ checkpoint }: PreparedJob): ValidationError[] => {
    values += checkpoint?.tensors.reduce((sum, tensor) => sum + tensor.values.length, 0) ?? 0
    if (values <= maxStartingValues) return []
    const message = `the jobs of a sweep would copy more than ${maxStartingValues} weights to start from`
    return [{ path: '/warmStart', code: 'too_large', message }]
  }
}

/** A validation error of the base comes again with every point. */
const withoutRepeats = (errors: readonly ValidationError[]): ValidationError[] => [
  ...new Map(errors.map((error) => [`${error.path} ${error.message}`, error])).values(),
]
