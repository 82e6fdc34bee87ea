/** The learned weights as documents and files: in our own names and layouts, in PyTorch's, or as a model for TensorFlow.js. */

import { Problem } from '../../contracts/error-codes.ts'
import { isTerminal } from '../../contracts/lifecycle.ts'
import type { ColumnLevels } from '../datasets/column-levels.ts'
import type { DatasetRepository } from '../datasets/dataset.repository.ts'
import type { Dataset } from '../datasets/dataset.ts'
import { modelColumnsOf } from '../inference/model-columns.ts'
import type { CurrentWeightsRepository } from '../jobs/current-weights.repository.ts'
import type { JobRepository } from '../jobs/job.repository.ts'
import type { Job } from '../jobs/job.ts'
import { planStored } from '../jobs/plan/make-plan.ts'
import { requireEpoch } from '../jobs/required-epoch.ts'
import type { ResultsRepository } from '../jobs/results.repository.ts'
import type { WeightFormat } from './formats.ts'
import type { OnnxColumn } from './onnx/onnx-model.ts'
import { byteLengthOf, type WeightTensor, type WrittenWeights } from './weight-tensor.ts'
import { asLayersModel, type WeightsToWrite, weightWriters } from './weight-writers.ts'

/** Which weights, and how they are written. */
export type WeightsQuery = { epoch?: number; format: WeightFormat; layout?: 'torch' | 'native' }

/** A file on its way out, and the epoch of the weights in it. */
export type WeightsFile = WrittenWeights & { epoch: number }

type WeightsOfEpoch = Pick<WeightsToWrite, 'epoch' | 'tensors'>

type Collaborators = {
  jobs: Pick<JobRepository, 'find'>
  datasets: Pick<DatasetRepository, 'describe'>
  /** All levels of a column of a dataset. */
  levelsOf: ColumnLevels
  results: Pick<ResultsRepository, 'tensors' | 'weightValues' | 'learned' | 'lastWeights'>
  currentWeights: CurrentWeightsRepository
}

/** No model has more tensors. */
const maxTensors = 100_000

export const createWeightsService = ({ jobs, datasets, levelsOf, results, currentWeights }: Collaborators) => {
  /**
   * The weights after an epoch; unless asked the last one of which there are any, also in the checkpoint of a job that goes on.
   * @throws Problem NOT_FOUND if none are kept, FORMAT_UNSUPPORTED naming layers that the format has no words for
   */
  const write = async (tenant: string, id: string, { epoch: asked, format, layout }: WeightsQuery): Promise<WeightsFile> => {
    const weights = await open(tenant, id, asked)
    return { epoch: weights.epoch, ...(await weightWriters[format]({ ...weights, layout })) }
  }

  /** The values that a LayersModel's description refers to, as one file. @throws Problem as `write` does */
  const writeModelValues = async (tenant: string, id: string, asked: number): Promise<WeightsFile> => {
    const weights = await open(tenant, id, asked)
    const { tensors } = await asLayersModel(weights)
    const length = tensors.reduce((sum, tensor) => sum + byteLengthOf(tensor), 0)
    return { epoch: weights.epoch, length, chunks: valuesOf(tensors) }
  }

  /** The weights of the epoch that is asked for, ready to be written. */
  const open = async (tenant: string, id: string, asked: number | undefined): Promise<WeightsToWrite> => {
    const job = await jobs.find(tenant, id)
    if (!job) throw new Problem('NOT_FOUND', `There is no job ${id}`)
    if (asked !== undefined) requireEpoch(id, job, asked)
    const last = await results.lastWeights(id)
    const current = await currentOf(job, last ?? 0)
    const { epoch, tensors } = current && (asked ?? current.epoch) === current.epoch ? current : await recordedOf(id, asked, last)
    return {
      ...{ jobId: id, epoch, tensors },
      plan: async () => planStored(job.config, await datasetOf(job)),
      learned: () => results.learned(id),
      columns: () => columnsOf(job),
    }
  }

  /** The weights in the checkpoint of a job that goes on, if they are of a later epoch than those that are recorded. */
  const currentOf = async ({ id, status }: Job, last: number): Promise<WeightsOfEpoch | null> => {
    const current = isTerminal(status) ? null : await currentWeights.read(id, status === 'paused')
    if (!current || current.epoch <= last) return null
    return { epoch: current.epoch, tensors: current.tensors.map((tensor) => ({ ...tensor, dtype: 'F32' })) }
  }

  /** The recorded weights of an epoch, or of the last one that has any. @throws Problem NOT_FOUND if there are none */
  const recordedOf = async (id: string, asked: number | undefined, last: number | null): Promise<WeightsOfEpoch> => {
    const epoch = asked ?? last
    const tensors = epoch === null ? [] : await keptOf(id, epoch)
    if (epoch === null || tensors.length === 0) throw noWeights(id, asked)
    return { epoch, tensors }
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

  const datasetOf = async ({ id, tenant, datasetId }: Job): Promise<Dataset> => {
    const dataset = await datasets.describe(tenant, datasetId)
    if (!dataset) throw new Error(`the dataset of job ${id} is gone`)
    return dataset
  }

  /** The columns that a job's model takes, categories with all their levels in the order of their codes. */
  const columnsOf = async (job: Job): Promise<OnnxColumn[][]> => {
    const dataset = await datasetOf(job)
    const { groups } = await modelColumnsOf(planStored(job.config, dataset), dataset, (position) => levelsOf(dataset, position))
    return groups.map((group) =>
      group.map(({ name, holds = 'number', codes }) => ({ name, type: holds, ...(codes ? { levels: [...codes.keys()] } : {}) })),
    )
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
