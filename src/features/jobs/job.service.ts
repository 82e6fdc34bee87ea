/** Jobs: queue them, look at them, and tell them to stop, pause or go on. */
import type { JobEstimate, JobResource } from '../../api/job.schema.ts'
import type { JobConfig, JobRequest } from '../../api/job-config.schema.ts'
import type { JobPageRequest } from '../../api/job-list.schema.ts'
import type { Page } from '../../api/page.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { isTerminal, type JobAction, statusAfter } from '../../contracts/lifecycle.ts'
import type { NewId } from '../ids.ts'
import type { OnStored } from '../on-stored.ts'
import { aliased } from './aliased.ts'
import type { JobRepository } from './job.repository.ts'
import { type JobFilter, type ShownJobResource, toJobResource, toShownResource } from './job.ts'
import { cursorAfter, toJobOrder } from './job-order.ts'
import type { JobPreparation } from './job-preparation.ts'
import type { JobWakeUps } from './job-wake-ups.service.ts'

type Collaborators = {
  jobs: JobRepository
  preparation: JobPreparation
  wakeUps: Pick<JobWakeUps, 'notify'>
  newId: NewId
}

export const createJobService = ({ jobs, preparation, wakeUps, newId }: Collaborators) => {
  /** Queues a job whose config fits its data. @throws Problem VALIDATION_FAILED with every validation error, before anything is stored */
  const create = async (tenant: string, request: JobRequest, onStored?: OnStored): Promise<ShownJobResource> => {
    const { config, datasetId, newDataset, checkpoint, rowCounts } = await preparation.prepare(tenant, request)
    const id = newId('job')
    // A worker may claim it while its place in the queue is looked up.
    const onQueued = (): void => wakeUps.notify(id)
    const job = await jobs.insert({ id, tenant, config, datasetId, checkpoint, rowCounts }, newDataset, onQueued, onStored)
    if (!job) throw new Problem('CONFLICT', `Dataset ${datasetId} was deleted meanwhile`)
    return toShownResource(job)
  }

  /** What a config comes to; stores nothing. */
  const estimate = async (tenant: string, request: JobRequest): Promise<JobEstimate> => {
    const { config, plan } = await preparation.prepare(tenant, request)
    const { parameterCount, stepsPerEpoch, trainingRows, validationRows, droppedRows, memoryBytes } = plan
    const parameters = plan.parameters.map(({ name, shape }) => ({ name, shape }))
    return {
      valid: true,
      parameterCount,
      stepsPerEpoch,
      trainingRows,
      validationRows,
      droppedRows,
      memoryBytes,
      parameters,
      config: withoutSeed(config, request),
    }
  }

  /** A page of jobs, newest first, or by the metric that `sort` names. @throws Problem VALIDATION_FAILED if the cursor is of another order */
  const list = async (tenant: string, filter: Omit<JobFilter, 'sort'>, request: JobPageRequest): Promise<Page<JobResource>> => {
    const { sort, after } = toJobOrder(request.sort, request.after)
    const { rows, hasMore } = await jobs.list(tenant, { ...filter, sort }, { ...request, after })
    const last = hasMore ? rows.at(-1) : undefined
    return { data: rows.map(toJobResource), hasMore, nextCursor: last ? cursorAfter(last, sort) : null }
  }

  const get = async (tenant: string, id: string): Promise<ShownJobResource> => {
    const job = await jobs.findShown(tenant, id)
    if (!job) throw notFound(id)
    return toShownResource(job)
  }

  /** Does what the client asks if the job's status allows it. @throws Problem CONFLICT if it doesn't */
  const act = async (tenant: string, id: string, action: JobAction, onStored?: OnStored): Promise<ShownJobResource> => {
    const move = await jobs.move(tenant, id, (status) => statusAfter(action, status), onStored)
    if (!move) throw notFound(id)
    if (!move.to) throw new Problem('CONFLICT', `Job ${id} is ${move.from}: there is nothing to ${action}`)
    if (move.job.status === 'queued') wakeUps.notify(move.job.id)
    return toShownResource(move.job)
  }

  /** @throws Problem CONFLICT unless the job is final, no model stands for it, and no prediction is to be made with it */
  const remove = async (tenant: string, id: string): Promise<void> => {
    const outcome = await jobs.remove(tenant, id, isTerminal)
    if (outcome === 'missing') throw notFound(id)
    if (typeof outcome === 'object' && 'aliases' in outcome) throw aliased(`Job ${id}`, outcome.aliases)
    if (typeof outcome === 'object')
      throw new Problem('CONFLICT', `Job ${id} is needed by ${outcome.predictions.join(', ')}: wait for their end or delete them first`)
    if (outcome !== 'removed') throw new Problem('CONFLICT', `Job ${id} is ${outcome}: cancel it before deleting it`)
  }

  return { create, estimate, list, get, act, remove }
}

export type JobService = ReturnType<typeof createJobService>

const notFound = (id: string): Problem => new Problem('NOT_FOUND', `There is no job ${id}`)

/** An estimate echoes the seed only if the request gave one: the next request would get another. */
const withoutSeed = (config: JobConfig, { training: asked }: JobRequest): JobConfig => {
  if (asked?.seed !== undefined) return config
  const { seed: _chosen, ...training } = config.training
  return { ...config, training: training as JobConfig['training'] }
}
