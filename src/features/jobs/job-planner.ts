/** From a request to a plan: finds its data, chooses what the request left open, and says everything that does not fit. */
import { randomInt } from 'node:crypto'
import { throwIfFaulty } from '../../contracts/faults.ts'
import type { JobConfig, JobConfigRequest } from '../../contracts/job-config.ts'
import type { Plan } from '../../contracts/plan.ts'
import type { Dataset, NewDataset } from '../datasets/dataset.ts'
import type { DatasetRepository } from '../datasets/dataset.repository.ts'
import { syntheticFaults } from '../datasets/generators/generate.ts'
import { syntheticDataset } from '../datasets/synthetic.ts'
import type { NewId } from '../ids.ts'
import { makePlan } from './job.plan.ts'

/** A request that can be trained. `newDataset` must be stored with the job where the request brought its own spec. */
export type PlannedJob = { config: JobConfig; plan: Plan; datasetId: string; newDataset: NewDataset | null }

export const createJobPlanner = ({ datasets, newId }: { datasets: Pick<DatasetRepository, 'find'>; newId: NewId }) => {
  /** @throws Problem VALIDATION_FAILED with every fault */
  const plan = async (tenant: string, request: JobConfigRequest): Promise<PlannedJob> => {
    const { dataset, isNew } = await findData(tenant, request)
    const config = withSeed(request)
    const made = makePlan(config, dataset)
    if ('faults' in made) throwIfFaulty(made.faults)
    if (!('plan' in made)) throw new Error('a plan has neither faults nor a plan')
    return { config, plan: made.plan, datasetId: dataset.id, newDataset: isNew ? dataset : null }
  }

  const findData = async (tenant: string, { dataset }: JobConfigRequest): Promise<{ dataset: NewDataset | Dataset; isNew: boolean }> => {
    if ('synthetic' in dataset) {
      throwIfFaulty(syntheticFaults(dataset.synthetic).map((fault) => ({ ...fault, path: `/dataset/synthetic${fault.path}` })))
      return { dataset: syntheticDataset(newId('ds'), tenant, dataset.synthetic), isNew: true }
    }
    const found = await datasets.find(tenant, dataset.id)
    if (found) return { dataset: found, isNew: false }
    throwIfFaulty([{ path: '/dataset/id', code: 'not_found', message: 'there is no such dataset', value: dataset.id }])
    throw new Error('unreachable')
  }

  return { plan }
}

export type JobPlanner = ReturnType<typeof createJobPlanner>

const withSeed = (request: JobConfigRequest): JobConfig => ({
  ...request,
  training: { ...request.training, seed: request.training.seed ?? randomInt(2 ** 32) },
})
