/** The parameters that a job trains, by its config: also before it has left anything of them. */
import { Problem } from '../../contracts/error-codes.ts'
import type { DatasetRepository } from '../datasets/dataset.repository.ts'
import type { JobRepository } from './job.repository.ts'
import { planStored } from './plan/make-plan.ts'

type Collaborators = { jobs: Pick<JobRepository, 'find'>; datasets: Pick<DatasetRepository, 'describe'> }

export const createTrainedParameters = ({ jobs, datasets }: Collaborators) => {
  /** Their names in the order of the layers. @throws Problem NOT_FOUND */
  const of = async (tenant: string, id: string): Promise<string[]> => {
    const job = await jobs.find(tenant, id)
    const dataset = job && (await datasets.describe(tenant, job.datasetId))
    if (!dataset) throw new Problem('NOT_FOUND', `There is no job ${id}`)
    return planStored(job.config, dataset).parameters.map(({ name }) => name)
  }

  return { of }
}

export type TrainedParameters = ReturnType<typeof createTrainedParameters>
