/** Sweeps: many jobs over one grid of configs, and a table that compares them. */
import { randomInt } from 'node:crypto'
import { throwIfFaulty } from '../../contracts/faults.ts'
import { type JobConfigRequest, JobConfigSchema } from '../../contracts/job-config.ts'
import { type Page, type PageRequest, toPage } from '../../contracts/page.ts'
import { type Fault, Problem } from '../../contracts/problems.ts'
import { queues } from '../../contracts/queue.ts'
import type { CreateSweep, SweepResource } from '../../contracts/sweep.ts'
import { createChecks } from '../../contracts/validate.ts'
import type { Bell } from '../../platform/queue/bell.ts'
import type { NewDataset } from '../datasets/dataset.ts'
import type { NewId } from '../ids.ts'
import type { NewJob } from '../jobs/job.ts'
import type { JobPlanner, PlannedJob } from '../jobs/job-planner.ts'
import type { OnStored } from '../on-stored.ts'
import { configAt, expandGrid, faultInRequest, type PlacedPoint } from './grid.ts'
import { termsOf } from './per-example.ts'
import type { Sweep, SweepRepository } from './sweep.repository.ts'
import { toSweepResource } from './sweep-table.ts'

type PlannedPoint = { point: PlacedPoint; job: PlannedJob }
type Collaborators = { sweeps: SweepRepository; planner: JobPlanner; bell: Pick<Bell, 'ring'>; newId: NewId }

export const createSweepService = ({ sweeps, planner, bell, newId }: Collaborators) => {
  const checkConfig = createChecks()(JobConfigSchema)

  /** Queues a job for each point of the grid. @throws Problem VALIDATION_FAILED with the faults of all points, before anything is stored */
  const create = async (tenant: string, asked: CreateSweep, onStored?: OnStored): Promise<SweepResource> => {
    const request = { ...asked, base: withSeed(asked.base) }
    const planned = await planPoints(tenant, request)
    const id = newId('sweep')
    const jobs = shareDatasets(planned.map(({ job }) => job)).map(({ dataset, datasetId }, at) => {
      const { point, job } = planned[at] as (typeof planned)[number]
      return { job: newJob(tenant, { id, position: at + 1, point }, { ...job, datasetId }), dataset }
    })
    await sweeps.insert({ id, tenant, request, metadata: asked.metadata }, jobs, onStored)
    for (const { job } of jobs) void bell.ring(queues.training, job.id)
    return get(tenant, id)
  }

  const planPoints = async (tenant: string, { base, grid }: CreateSweep): Promise<PlannedPoint[]> => {
    const expanded = expandGrid(grid)
    if ('faults' in expanded) throwIfFaulty(expanded.faults)
    const planned: PlannedPoint[] = []
    const faults: Fault[] = []
    for (const point of 'points' in expanded ? expanded.points : []) {
      const outcome = await planPoint(tenant, configAt(base, point))
      if ('job' in outcome) planned.push({ point, job: outcome.job })
      else faults.push(...outcome.faults.map((fault) => faultInRequest(fault, point)))
    }
    throwIfFaulty(withoutRepeats(faults))
    return planned
  }

  const planPoint = async (tenant: string, config: Record<string, unknown>): Promise<{ job: PlannedJob } | Pick<Problem, 'faults'>> => {
    const faults = checkConfig(config)
    if (faults.length > 0) return { faults }
    try {
      return { job: await planner.plan(tenant, config as unknown as JobConfigRequest) }
    } catch (problem) {
      if (problem instanceof Problem && problem.faults.length > 0) return { faults: problem.faults }
      throw problem
    }
  }

  const newJob = (
    tenant: string,
    sweep: { id: string; position: number; point: PlacedPoint },
    { config, plan, datasetId, checkpoint }: PlannedJob,
  ): NewJob => {
    const { trainingRows, validationRows } = plan
    const point = { values: sweep.point.values, terms: termsOf(plan), trainingRows, validationRows }
    return { id: newId('job'), tenant, config, datasetId, checkpoint, sweep: { ...sweep, point } }
  }

  /** The table as it is now. */
  const get = async (tenant: string, id: string): Promise<SweepResource> => {
    const sweep = await sweeps.find(tenant, id)
    if (!sweep) throw new Problem('NOT_FOUND', `There is no sweep ${id}`)
    return describe(sweep)
  }

  const list = async (tenant: string, request: PageRequest): Promise<Page<SweepResource>> => {
    const page = toPage(await sweeps.list(tenant, request), request.limit)
    return { ...page, data: await Promise.all(page.data.map(describe)) }
  }

  const describe = async (sweep: Sweep): Promise<SweepResource> => toSweepResource(sweep, await sweeps.jobs(sweep.id))

  return { create, get, list }
}

export type SweepService = ReturnType<typeof createSweepService>

/** A fault of the base comes again with every point. */
const withoutRepeats = (faults: readonly Fault[]): Fault[] => [
  ...new Map(faults.map((fault) => [`${fault.path} ${fault.message}`, fault])).values(),
]

/** All jobs share one seed unless the grid says otherwise, so that they differ by nothing else. */
const withSeed = (base: Record<string, unknown>): Record<string, unknown> => {
  const { training } = base
  if (typeof training !== 'object' || training === null || Array.isArray(training)) return base
  return { ...base, training: { seed: randomInt(2 ** 32), ...training } }
}

/** Jobs on one synthetic spec share one dataset, which is stored with the first of them. */
const shareDatasets = (jobs: PlannedJob[]): { dataset: NewDataset | null; datasetId: string }[] => {
  const known = new Map<string, string>()
  return jobs.map(({ newDataset, datasetId }) => {
    const shared = newDataset && known.get(newDataset.contentHash)
    if (!newDataset || shared) return { dataset: null, datasetId: shared ?? datasetId }
    known.set(newDataset.contentHash, datasetId)
    return { dataset: newDataset, datasetId }
  })
}
