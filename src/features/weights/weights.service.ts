/** The learned weights as documents and files: in our own names and layouts, in PyTorch's, or as a model for TensorFlow.js. */

import { toJsonPieces } from '../../api/write-json.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { isTerminal } from '../../contracts/lifecycle.ts'
import type { Plan } from '../../contracts/plan.ts'
import type { DatasetRepository } from '../datasets/dataset.repository.ts'
import { planStored } from '../jobs/job.plan.ts'
import type { JobRepository } from '../jobs/job.repository.ts'
import type { Job } from '../jobs/job.ts'
import { requireEpoch } from '../jobs/required-epoch.ts'
import type { ResultsRepository } from '../jobs/results.repository.ts'
import type { StandingWeightsRepository } from '../jobs/standing-weights.repository.ts'
import { toJson } from './formats/json.ts'
import { toNpz } from './formats/npz.ts'
import { toSafetensors } from './formats/safetensors.ts'
import type { WeightFormat } from './formats.ts'
import { toLayersModel } from './layers-model/layers-model.ts'
import { toTorch } from './torch/layout.ts'
import { byteLengthOf, type WeightTensor } from './weight-tensor.ts'

/** Which weights, and how they are written. */
export type WeightsQuery = { epoch?: number; format: WeightFormat; layout?: 'torch' | 'native' }

/** A file on its way out, in chunks; its length in bytes if it is known beforehand. */
export type WeightsFile = { epoch: number; length?: number; chunks: AsyncIterable<string | Uint8Array> }

type Collaborators = {
  jobs: Pick<JobRepository, 'find'>
  datasets: Pick<DatasetRepository, 'describe'>
  results: Pick<ResultsRepository, 'tensors' | 'weightValues' | 'learned' | 'lastWeights'>
  standingWeights: StandingWeightsRepository
}

/** No model has more tensors. */
const maxTensors = 100_000

export const createWeightsService = ({ jobs, datasets, results, standingWeights }: Collaborators) => {
  /**
   * The weights after an epoch; unless asked the last one of which there are any, also in the checkpoint of a job that goes on.
   * @throws Problem NOT_FOUND if none are kept, FORMAT_UNSUPPORTED naming layers that the format has no words for
   */
  const write = async (tenant: string, id: string, { epoch: asked, format, layout }: WeightsQuery): Promise<WeightsFile> => {
    const { job, epoch, tensors } = await open(tenant, id, asked)
    if (format === 'layersModel') {
      const { model } = await asLayersModel(job, epoch, tensors)
      return { epoch, chunks: toJsonPieces(model) }
    }
    const laidOut = layout === 'torch' ? toTorch(await planOf(job), tensors, epoch) : { tensors }
    const modules = 'modules' in laidOut ? laidOut.modules : undefined
    if (format === 'npz') return { epoch, chunks: toNpz(laidOut.tensors) }
    if (format === 'json') return { epoch, chunks: toJson(laidOut.tensors, { jobId: id, epoch, ...(modules ? { modules } : {}) }) }
    // Programs look for `format: pt` before they take tensors for PyTorch's.
    const torch: Record<string, string> = modules ? { format: 'pt', modules: modules.join('\n') } : {}
    return { epoch, ...toSafetensors(laidOut.tensors, { ...torch, jobId: id, epoch: String(epoch) }) }
  }

  /** The values that a LayersModel's description refers to, as one file. @throws Problem as `write` does */
  const writeModelValues = async (tenant: string, id: string, asked: number): Promise<WeightsFile> => {
    const { job, epoch, tensors: weights } = await open(tenant, id, asked)
    const { tensors } = await asLayersModel(job, epoch, weights)
    return { epoch, length: tensors.reduce((sum, tensor) => sum + byteLengthOf(tensor), 0), chunks: valuesOf(tensors) }
  }

  const open = async (
    tenant: string,
    id: string,
    asked: number | undefined,
  ): Promise<{ job: Job; epoch: number; tensors: WeightTensor[] }> => {
    const job = await jobs.find(tenant, id)
    if (!job) throw new Problem('NOT_FOUND', `There is no job ${id}`)
    if (asked !== undefined) requireEpoch(id, job, asked)
    const last = await results.lastWeights(id)
    const standing = await standingOf(job, last ?? 0)
    if (standing && (asked ?? standing.epoch) === standing.epoch) return { job, ...standing }
    const epoch = asked ?? last
    const tensors = epoch === null ? [] : await keptOf(id, epoch)
    if (epoch === null || tensors.length === 0) throw noWeights(id, asked)
    return { job, epoch, tensors }
  }

  /** The weights in the checkpoint of a job that goes on, if they are of a later epoch than those that are recorded. */
  const standingOf = async ({ id, status }: Job, last: number): Promise<{ epoch: number; tensors: WeightTensor[] } | null> => {
    const standing = isTerminal(status) ? null : await standingWeights.read(id, status === 'paused')
    if (!standing || standing.epoch <= last) return null
    return { epoch: standing.epoch, tensors: standing.tensors.map((tensor) => ({ ...tensor, dtype: 'F32' })) }
  }

  /** The weights that are recorded of an epoch. */
  const keptOf = async (id: string, epoch: number): Promise<WeightTensor[]> => {
    const stored = await results.tensors(id, { kind: 'weight', epoch }, { limit: maxTensors, values: false })
    return stored.map(({ parameter, shape, norm, position }): WeightTensor => {
      const read = async (): Promise<Uint8Array> => {
        const values = await results.weightValues(id, { epoch, position }, byteLengthOf({ dtype: 'F32', shape }))
        if (!values) throw new Error(`${parameter} of job ${id} vanished while it was being read`)
        return values
      }
      return { name: parameter, shape, dtype: 'F32', norm, read }
    })
  }

  const planOf = async ({ id, tenant, config, datasetId }: Job): Promise<Plan> => {
    const dataset = await datasets.describe(tenant, datasetId)
    if (!dataset) throw new Error(`the dataset of job ${id} is gone`)
    return planStored(config, dataset)
  }

  const asLayersModel = async (job: Job, epoch: number, weights: readonly WeightTensor[]) => {
    const learned = await results.learned(job.id)
    return toLayersModel(await planOf(job), weights, { jobId: job.id, epoch, learned })
  }

  return { write, writeModelValues }
}

export type WeightsService = ReturnType<typeof createWeightsService>

const noWeights = (id: string, epoch: number | undefined): Problem => {
  const which =
    epoch === undefined ? 'yet: record.weights says when they are; the last ones are kept once the job has ended' : `of epoch ${epoch}`
  const path = epoch === undefined ? '/id' : '/epoch'
  const message = `no weights are kept ${which}`
  return new Problem('NOT_FOUND', `Job ${id}: ${message}`, [{ path, code: 'not_recorded', message }])
}

async function* valuesOf(tensors: readonly WeightTensor[]): AsyncGenerator<Uint8Array> {
  for (const tensor of tensors) yield await tensor.read()
}
