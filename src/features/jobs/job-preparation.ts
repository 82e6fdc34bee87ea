/** From a request to a job that can be queued: finds its data, chooses what the request left open, and says everything that does not fit. */
import { randomInt } from 'node:crypto'
import type { JobConfig, JobConfigRequest, JobRequest } from '../../api/job-config.schema.ts'
import type { EngineState } from '../../contracts/engine.ts'
import type { ValidationError } from '../../contracts/error-codes.ts'
import { mebibytes } from '../../contracts/mebibytes.ts'
import type { Plan, RowCounts } from '../../contracts/plan.ts'
import { type Checked, requireValue, throwIfInvalid } from '../../validation/validation-errors.ts'
import type { DatasetRepository } from '../datasets/dataset.repository.ts'
import type { Dataset, NewDataset } from '../datasets/dataset.ts'
import { syntheticErrors } from '../datasets/generators/spec-errors.ts'
import { syntheticDataset } from '../datasets/synthetic.ts'
import type { NewId } from '../ids.ts'
import type { WorkerRepository } from '../service-stats/worker.repository.ts'
import { inSlices } from '../slices.ts'
import { chooseInSteps } from './choices/whole-config.ts'
import type { JobPlanning, KnownCounts } from './job-planning.ts'
import { warmStart } from './plan/warm-start.ts'
import type { WeightSource } from './weight-source.ts'

/**
 * A request that can be trained. `newDataset` must be stored with the job if the request brought its own spec, and
 * `checkpoint` if it starts from the weights of another.
 */
export type PreparedJob = {
  config: JobConfig
  plan: Plan
  /** How its rows are used, if they had to be counted. */
  rowCounts: RowCounts | null
  datasetId: string
  newDataset: NewDataset | null
  checkpoint?: EngineState
}

type FindDataset = DatasetRepository['find']
type Collaborators = {
  datasets: Pick<DatasetRepository, 'find'>
  weights: WeightSource
  workers: Pick<WorkerRepository, 'largestMemory'>
  planning: JobPlanning
  newId: NewId
  /** What keeps a URL from being told of events. */
  urlErrors: (url: string, path: string) => ValidationError[]
}

export const createJobPreparation = ({ datasets, weights, workers, planning, newId, urlErrors }: Collaborators) => {
  /** @throws Problem VALIDATION_FAILED with every validation error */
  const prepare = (tenant: string, request: JobRequest): Promise<PreparedJob> => prepareWith(datasets.find, tenant, request, new Map())

  /** Prepares a request whose dataset is this one, whatever it names. */
  const prepareOn = (tenant: string, request: JobRequest, dataset: Dataset): Promise<PreparedJob> =>
    prepareWith(async () => dataset, tenant, request, new Map())

  /** Prepares many requests of one tenant, reading each dataset once. */
  const prepareMany = (tenant: string): ((request: JobRequest) => Promise<PreparedJob>) => {
    const known = new Map<string, Promise<Dataset | null>>()
    const counts: KnownCounts = new Map()
    const find: FindDataset = (_tenant, id) => {
      const found = known.get(id) ?? datasets.find(tenant, id)
      known.set(id, found)
      return found
    }
    return (request) => prepareWith(find, tenant, request, counts)
  }

  /** What the service chooses of a request's parts, or why it cannot. */
  const chooseParts = async (tenant: string, request: JobRequest): Promise<Checked<JobConfigRequest>> => {
    const { dataset } = await findData(datasets.find, tenant, request)
    return inSlices(chooseInSteps(request, dataset))
  }

  const prepareWith = async (find: FindDataset, tenant: string, request: JobRequest, known: KnownCounts): Promise<PreparedJob> => {
    throwIfInvalid(request.webhook ? urlErrors(request.webhook.url, '/webhook/url') : [])
    const { dataset, isNew } = await findData(find, tenant, request)
    const config = withOneEpoch(withSeed(requireValue(await inSlices(chooseInSteps(request, dataset)))))
    const { plan, counts } = await planning.plan(config, dataset, await findValidationData(find, tenant, request), known)
    throwIfInvalid(await memoryErrors(plan))
    const started = config.warmStart && (await startFrom(tenant, plan, config.warmStart))
    return { config, plan, rowCounts: counts, datasetId: dataset.id, newDataset: isNew ? dataset : null, ...started }
  }

  /** The checkpoint that a job starts from, and its config, which names the epoch that this is of. */
  const startFrom = async (tenant: string, plan: Plan, source: NonNullable<JobConfig['warmStart']>) => {
    const { epoch, tensors } = await weights.read(tenant, source)
    const checkpoint = requireValue(warmStart(plan, tensors, source))
    return { checkpoint, config: { ...plan.config, warmStart: 'jobId' in source ? { ...source, epoch } : source } }
  }

  /** A job that no worker has the memory for would only be tried in vain. */
  const memoryErrors = async ({ memoryBytes }: Plan): Promise<ValidationError[]> => {
    if (memoryBytes <= everywhereBytes) return []
    const most = await workers.largestMemory()
    if (most === null || memoryBytes <= most) return []
    const message = `training needs about ${mebibytes(memoryBytes)} MiB of memory; no worker has more than ${mebibytes(most)} MiB`
    return [{ path: '/model/layers', code: 'too_large', message }]
  }

  const findData = async (
    find: FindDataset,
    tenant: string,
    { dataset }: JobRequest,
  ): Promise<{ dataset: NewDataset | Dataset; isNew: boolean }> => {
    if ('synthetic' in dataset) {
      throwIfInvalid(syntheticErrors(dataset.synthetic).map((error) => ({ ...error, path: `/dataset/synthetic${error.path}` })))
      return { dataset: syntheticDataset(newId('ds'), tenant, dataset.synthetic), isNew: true }
    }
    const found = await find(tenant, dataset.id)
    if (found) return { dataset: found, isNew: false }
    throwIfInvalid([{ path: '/dataset/id', code: 'not_found', message: 'there is no such dataset', value: dataset.id }])
    throw new Error('unreachable')
  }

  const findValidationData = async (find: FindDataset, tenant: string, { training }: JobRequest): Promise<Dataset | undefined> => {
    if (!training?.validationDataset) return undefined
    const { id } = training.validationDataset
    const found = await find(tenant, id)
    if (found) return found
    throwIfInvalid([{ path: '/training/validationDataset/id', code: 'not_found', message: 'there is no such dataset', value: id }])
    throw new Error('unreachable')
  }

  return { prepare, prepareOn, prepareMany, chooseParts }
}

export type JobPreparation = ReturnType<typeof createJobPreparation>

/** What every worker has: jobs below it are not asked about. */
const everywhereBytes = 128 * 2 ** 20

const withSeed = (request: JobConfigRequest): JobConfig => ({
  ...request,
  training: { ...request.training, seed: request.training.seed ?? randomInt(2 ** 32) },
})

/** A solver is done after one epoch, however many were asked for. */
const withOneEpoch = (config: JobConfig): JobConfig => (config.solver ? { ...config, training: { ...config.training, epochs: 1 } } : config)
