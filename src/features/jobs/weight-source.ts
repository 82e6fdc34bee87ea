/** The weights that another job of the tenant left, for jobs that start from them. */

import type { JobConfigRequest } from '../../api/job-config.schema.ts'
import type { NamedTensor } from '../../contracts/engine.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { unpackValues } from './checkpoint-encoding.ts'
import type { JobRepository } from './job.repository.ts'
import type { ResultsRepository, StoredTensor } from './results.repository.ts'

/** What a job left of an epoch. */
type KeptWeights = { epoch: number; tensors: NamedTensor[] }

/** Tensors of one epoch that are read at most: no model has more. */
const maxTensors = 10_000

export const createWeightSource = ({
  jobs,
  results,
}: {
  jobs: Pick<JobRepository, 'find'>
  results: Pick<ResultsRepository, 'tensors' | 'lastWeights'>
}) => {
  /**
   * The weights and running statistics that a job left, and the epoch that they are of.
   * @throws Problem VALIDATION_FAILED if there is no such job, or no weights are kept of that epoch
   */
  const read = async (tenant: string, { jobId, epoch: asked }: NonNullable<JobConfigRequest['warmStart']>): Promise<KeptWeights> => {
    const fail = (path: string, message: string): never => {
      throw new Problem('VALIDATION_FAILED', undefined, [
        { path, code: 'not_found', message, value: path.endsWith('epoch') ? asked : jobId },
      ])
    }
    if (!(await jobs.find(tenant, jobId))) return fail('/warmStart/jobId', 'there is no such job')
    const epoch = asked ?? (await results.lastWeights(jobId))
    if (epoch === null) return fail('/warmStart/jobId', 'no weights are kept of this job yet')
    const tensors = await results.tensors(jobId, { kind: 'weight', epoch }, { limit: maxTensors, values: true })
    return tensors.length > 0 ? { epoch, tensors: tensors.map(toNamed) } : fail('/warmStart/epoch', `no weights are kept of epoch ${epoch}`)
  }

  return { read }
}

export type WeightSource = ReturnType<typeof createWeightSource>

const toNamed = ({ parameter, shape, values }: StoredTensor): NamedTensor => ({
  name: parameter,
  shape,
  values: unpackValues(values ?? new Uint8Array()),
})
