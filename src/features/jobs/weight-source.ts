/** The weights that another job of the tenant left, or a trainer saved, for what starts from them. */

import type { WarmStart } from '../../api/job-config/parts.schema.ts'
import type { NamedTensor } from '../../contracts/engine.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { unpackValues } from './checkpoint-encoding.ts'
import type { JobRepository } from './job.repository.ts'
import type { ResultsRepository, StoredTensor } from './results.repository.ts'

/** What a job left of an epoch, or a trainer saved. */
type KeptWeights = { epoch?: number; tensors: NamedTensor[] }

/** What a trainer saved under a name: undefined if there is no such trainer, null if there is no such checkpoint. */
type FindCheckpoint = (tenant: string, trainerId: string, name: string) => Promise<{ tensors: NamedTensor[] } | null | undefined>

/** Tensors of one epoch that are read at most: no model has more. */
const maxTensors = 10_000

export const createWeightSource = ({
  jobs,
  results,
  findCheckpoint,
}: {
  jobs: Pick<JobRepository, 'find'>
  results: Pick<ResultsRepository, 'tensors' | 'lastWeights'>
  findCheckpoint: FindCheckpoint
}) => {
  /**
   * The weights and running statistics that a job left, and the epoch that they are of.
   * @throws Problem VALIDATION_FAILED if there is no such job or trainer, no weights are kept of that epoch, or nothing was saved so
   */
  const read = (tenant: string, source: WarmStart): Promise<KeptWeights> =>
    'trainerId' in source ? readSaved(tenant, source) : readKept(tenant, source)

  const readSaved = async (tenant: string, { trainerId, checkpoint }: Extract<WarmStart, { trainerId: string }>): Promise<KeptWeights> => {
    const found = await findCheckpoint(tenant, trainerId, checkpoint)
    if (found === undefined) return notFound('/warmStart/trainerId', 'there is no such trainer', trainerId)
    return found ?? notFound('/warmStart/checkpoint', 'nothing was saved under this name', checkpoint)
  }

  const readKept = async (tenant: string, { jobId, epoch: asked }: Extract<WarmStart, { jobId: string }>): Promise<KeptWeights> => {
    const fail = (path: string, message: string): never => notFound(path, message, path.endsWith('epoch') ? asked : jobId)
    if (!(await jobs.find(tenant, jobId))) return fail('/warmStart/jobId', 'there is no such job')
    const epoch = asked ?? (await results.lastWeights(jobId))
    if (epoch === null) return fail('/warmStart/jobId', 'no weights are kept of this job yet')
    const tensors = await results.tensors(jobId, { kind: 'weight', epoch }, { limit: maxTensors, values: true })
    return tensors.length > 0 ? { epoch, tensors: tensors.map(toNamed) } : fail('/warmStart/epoch', `no weights are kept of epoch ${epoch}`)
  }

  return { read }
}

export type WeightSource = ReturnType<typeof createWeightSource>

const notFound = (path: string, message: string, value: string | number | undefined): never => {
  throw new Problem('VALIDATION_FAILED', undefined, [{ path, code: 'not_found', message, value }])
}

const toNamed = ({ parameter, shape, values }: StoredTensor): NamedTensor => ({
  name: parameter,
  shape,
  values: unpackValues(values ?? new Uint8Array()),
})
