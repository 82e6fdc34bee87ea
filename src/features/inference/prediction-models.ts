/** What the API knows of a trained job that predictions need, kept for the next one: all of it stays as long as the job does. */
import type { Plan } from '../../contracts/plan.ts'
import { createBoundedCache } from '../bounded-cache.ts'
import type { ColumnLevels } from '../datasets/column-levels.ts'
import type { DatasetRepository } from '../datasets/dataset.repository.ts'
import type { Dataset } from '../datasets/dataset.ts'
import type { JobRepository } from '../jobs/job.repository.ts'
import { type NamedLabel, namedLabels } from '../jobs/plan/classes.ts'
import { planStored } from '../jobs/plan/make-plan.ts'
import { modelColumnsOf } from './model-columns.ts'
import type { ModelColumns } from './prediction-rows.ts'

/** `isTrained`: it has weights. */
export type PredictionModel = { plan: Plan; dataset: Dataset; columns: ModelColumns; labels: NamedLabel[]; isTrained: boolean }

type Collaborators = {
  jobs: Pick<JobRepository, 'find'>
  datasets: Pick<DatasetRepository, 'describe'>
  /** All levels of a column of a dataset. */
  levelsOf: ColumnLevels
}

/** Columns, layers and levels that are kept together. */
const maxKept = 1_000_000

export const createPredictionModels = ({ jobs, datasets, levelsOf }: Collaborators) => {
  const kept = createBoundedCache<PredictionModel>({ maxSize: maxKept })
  const keyOf = (tenant: string, jobId: string): string => `${jobId} ${tenant}`

  /** Null if there is no such job. What is kept may be of a job that is gone: whoever asks the worker is told. */
  const get = async (tenant: string, jobId: string): Promise<PredictionModel | null> => {
    const key = keyOf(tenant, jobId)
    const known = kept.get(key)
    if (known) return known
    const model = await read(tenant, jobId)
    if (model?.isTrained) kept.set(key, model, sizeOf(model))
    return model
  }

  const read = async (tenant: string, jobId: string): Promise<PredictionModel | null> => {
    const job = await jobs.find(tenant, jobId)
    const dataset = job && (await datasets.describe(tenant, job.datasetId))
    if (!job || !dataset) return null
    const plan = planStored(job.config, dataset)
    const levels = (position: number) => levelsOf(dataset, position)
    const [columns, labels] = await Promise.all([modelColumnsOf(plan, dataset, levels), namedLabels(plan, dataset, levels)])
    return { plan, dataset, columns, labels, isTrained: job.epoch > 0 }
  }

  const forget = (tenant: string, jobId: string): void => kept.remove(keyOf(tenant, jobId))

  return { get, forget }
}

export type PredictionModels = ReturnType<typeof createPredictionModels>

const sizeOf = ({ plan, dataset, columns, labels }: PredictionModel): number => {
  const levels = columns.groups.flat().reduce((sum, { codes }) => sum + (codes?.size ?? 0), 0)
  return 1000 + dataset.columns.length + plan.layers.length + levels + labels.reduce((sum, label) => sum + (label.levels?.length ?? 0), 0)
}
