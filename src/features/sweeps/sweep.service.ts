/** Sweeps: many jobs over one grid of configs, and a table that compares them. */
import { randomInt } from 'node:crypto'
import { type Page, type PageRequest, toPage } from '../../api/page.schema.ts'
import type { CreateSweep } from '../../api/sweep.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { isTerminal, statusAfter } from '../../contracts/lifecycle.ts'
import { throwIfInvalid } from '../../validation/validation-errors.ts'
import type { NewId } from '../ids.ts'
import { aliased } from '../jobs/aliased.ts'
import type { JobRepository } from '../jobs/job.repository.ts'
import type { JobPreparation } from '../jobs/job-preparation.ts'
import type { OnStored } from '../on-stored.ts'
import { withFolds } from './folds.ts'
import { sortJobs } from './sort-jobs.ts'
import type { Sweep, SweepRepository } from './sweep.repository.ts'
import { createSweepPoints, type PreparedPoint } from './sweep-points.ts'
import { type ShownSweep, toSweepResource, toSweepSummary } from './sweep-table.ts'

type Collaborators = {
  sweeps: SweepRepository
  jobs: Pick<JobRepository, 'moveSweep' | 'remove' | 'findAliases'>
  preparation: JobPreparation
  wakeUps: { notify: (jobId: string) => void }
  newId: NewId
}

export const createSweepService = ({ sweeps, jobs, preparation, wakeUps, newId }: Collaborators) => {
  const { preparePoints } = createSweepPoints({ preparation })

  /** Queues a job for each point of the grid. @throws Problem VALIDATION_FAILED with the validation errors of all points, before anything is stored */
  const create = async (tenant: string, asked: CreateSweep, onStored?: OnStored): Promise<ShownSweep> => {
    const grid = withFolds(asked)
    throwIfInvalid(asked.grid === undefined && Object.keys(grid).length === 0 ? [noGrid] : [])
    const request = { ...asked, grid, base: withSeed(asked.base) }
    const points = await preparePoints(tenant, request)
    const id = newId('sweep')
    const newJobs = points.map(({ dataset, ...point }, at) => ({ job: newJob(tenant, { id, position: at + 1 }, point), dataset }))
    await sweeps.insert({ id, tenant, request, metadata: asked.metadata }, newJobs, onStored)
    for (const { job } of newJobs) wakeUps.notify(job.id)
    return get(tenant, id)
  }

  const newJob = (tenant: string, sweep: { id: string; position: number }, point: Omit<PreparedPoint, 'dataset'>) => {
    const { stored, ...job } = point
    return { id: newId('job'), tenant, ...job, sweep: { ...sweep, point: stored } }
  }

  /** The table as it is now. */
  const get = async (tenant: string, id: string, sort?: string): Promise<ShownSweep> => {
    const sweep = await find(tenant, id)
    const shown = toSweepResource(sweep, await sweeps.jobs(sweep.id))
    return sort === undefined ? shown : { ...shown, jobs: sortJobs(shown.jobs, sort) }
  }

  /** Sweeps without their tables. */
  const list = async (tenant: string, request: PageRequest): Promise<Page<ReturnType<typeof toSweepSummary>>> => {
    const page = toPage(await sweeps.list(tenant, request))
    return { ...page, data: page.data.map(toSweepSummary) }
  }

  /** Cancels every job that is not final, as cancelling each of them does. @throws Problem CONFLICT if all are final */
  const cancel = async (tenant: string, id: string, onStored?: OnStored): Promise<ShownSweep> => {
    await find(tenant, id)
    const moves = await jobs.moveSweep(tenant, id, (status) => statusAfter('cancel', status), onStored)
    if (moves.every(({ from }) => isTerminal(from))) throw new Problem('CONFLICT', `Sweep ${id} is finished: there is nothing to cancel`)
    return get(tenant, id)
  }

  /**
   * Deletes a sweep with its jobs and all that they left. One job after the other, since each may have left much: if this
   * is broken off, doing it again goes on. @throws Problem CONFLICT, and deletes nothing, unless all jobs are final
   */
  const remove = async (tenant: string, id: string): Promise<void> => {
    const sweep = await find(tenant, id)
    const rows = await sweeps.jobs(sweep.id)
    const active = rows.filter(({ status }) => !isTerminal(status)).length
    if (active > 0) throw new Problem('CONFLICT', `Sweep ${id} has ${active} jobs that are not finished: cancel it before deleting it`)
    const aliases = await jobs.findAliases(rows.map((row) => row.id))
    if (aliases.length > 0) throw aliased(`A job of sweep ${id}`, aliases)
    for (const row of rows) await jobs.remove(tenant, row.id, isTerminal)
    await sweeps.remove(tenant, id)
  }

  const find = async (tenant: string, id: string): Promise<Sweep> => {
    const sweep = await sweeps.find(tenant, id)
    if (!sweep) throw new Problem('NOT_FOUND', `There is no sweep ${id}`)
    return sweep
  }

  return { create, get, list, cancel, remove }
}

export type SweepService = ReturnType<typeof createSweepService>

const noGrid = { path: '/grid', code: 'required', message: 'is required, unless training.folds of the base divides the rows' }

/** All jobs share one seed unless the grid says otherwise, so that they differ by nothing else. */
const withSeed = (base: Record<string, unknown>): Record<string, unknown> => {
  const { training = {} } = base
  if (typeof training !== 'object' || training === null || Array.isArray(training)) return base
  return { ...base, training: { seed: randomInt(2 ** 32), ...training } }
}
