/** Predictions for whole datasets: asked for here, made by workers, and read as lines. */
import {
  type DatasetPredictionResource,
  type DatasetPredictionStatus,
  datasetPredictionLimits,
  type PredictedDataset,
} from '../../api/dataset-prediction.schema.ts'
import { type Page, type PageRequest, toPage } from '../../api/page.schema.ts'
import type { PredictDatasetBody } from '../../api/prediction.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import type { Plan } from '../../contracts/plan.ts'
import { channels } from '../../contracts/queue.ts'
import { sizeOf } from '../../numerics/shape.ts'
import { unpackFloats } from '../../numerics/unpack-floats.ts'
import type { Notifications } from '../../platform/db/notifications.ts'
import { type Checked, requireValue, throwIfInvalid } from '../../validation/validation-errors.ts'
import type { DatasetRepository } from '../datasets/dataset.repository.ts'
import type { NewDataset } from '../datasets/dataset.ts'
import { syntheticErrors } from '../datasets/generators/spec-errors.ts'
import type { LevelRepository } from '../datasets/level.repository.ts'
import { syntheticDataset } from '../datasets/synthetic.ts'
import type { NewId } from '../ids.ts'
import type { PredictionSource } from '../inference/prediction.service.ts'
import type { PredictionModel, PredictionModels } from '../inference/prediction-models.ts'
import { type OutputWriter, outputWriter } from '../inference/prediction-output.ts'
import { atSynthetic, planPredicted, predictedPath } from '../jobs/plan/predicted-data.ts'
import { unknownLevelErrors } from '../jobs/plan/unknown-levels.ts'
import type { OnStored } from '../on-stored.ts'
import type { DatasetPredictionRepository, PredictionFilter } from './dataset-prediction.repository.ts'
import { type DatasetPrediction, toPredictionResource } from './dataset-prediction.ts'
import { type LineFormat, linesOf } from './prediction-lines.ts'

type Collaborators = {
  predictions: DatasetPredictionRepository
  models: PredictionModels
  datasets: Pick<DatasetRepository, 'find'>
  levels: Pick<LevelRepository, 'read'>
  notifications: Pick<Notifications, 'watch'>
  newId: NewId
}
type Waiting = { waitSeconds: number; signal?: AbortSignal }
type Table = NewDataset & { isNew?: true }

/** A wait reads the row again this often: a wake-up may be missing, and a database that went away is to be noticed. */
const rereadMs = 2500

export const createDatasetPredictionService = ({ predictions, models, datasets, levels, notifications, newId }: Collaborators) => {
  /**
   * Asks for the predictions of all rows of a dataset.
   * @throws Problem VALIDATION_FAILED if the dataset doesn't fit the model, CONFLICT while the job's weights may change, QUEUE_FULL, QUOTA_EXCEEDED
   */
  const create = async (
    tenant: string,
    { jobId, epoch = null }: PredictionSource,
    body: PredictDatasetBody,
    onStored?: OnStored,
  ): Promise<DatasetPredictionResource> => {
    const model = await modelOf(tenant, jobId)
    const { output } = requireValue(outputWriter(model.plan, model.labels, body.output))(noRows)
    const found = await tableOf(tenant, body.dataset)
    const { isNew, ...table } = found
    const { measured } = await fit(model, found, body.metrics)
    const width = widthOf(model.plan)
    const storedBytes = 4 * width * table.rows
    throwIfInvalid(storedBytes > datasetPredictionLimits.bytes ? [tooLarge(storedBytes)] : [])
    const id = newId('pred')
    await onStored?.ready()
    const { rows, id: datasetId } = table
    const prediction = { id, tenant, jobId, askedEpoch: epoch, source: body.dataset, datasetId, output, measured, rows, width, storedBytes }
    const outcome = await predictions.insert(prediction, isNew ? table : null, onStored)
    if (outcome === 'stored') return get(tenant, id)
    if (outcome === 'full')
      throw new Problem('QUEUE_FULL', `${datasetPredictionLimits.pending} predictions for datasets wait already, as many as there may be`)
    if (outcome === 'no dataset') throw new Problem('CONFLICT', `Dataset ${datasetId} was deleted meanwhile`)
    models.forget(tenant, jobId)
    await modelOf(tenant, jobId)
    throw new Problem(
      'CONFLICT',
      `Job ${jobId} has not ended: its weights change. Wait for its end, or name those of an epoch that are kept with PUT /v1/models`,
    )
  }

  const modelOf = async (tenant: string, jobId: string): Promise<PredictionModel> => {
    const model = await models.get(tenant, jobId)
    if (!model) throw new Problem('NOT_FOUND', `There is no job ${jobId}`)
    if (!model.isTrained) throw new Problem('CONFLICT', `Job ${jobId} has no weights yet`)
    return model
  }

  const tableOf = async (tenant: string, dataset: PredictedDataset): Promise<Table> => {
    if ('synthetic' in dataset) {
      throwIfInvalid(syntheticErrors(dataset.synthetic).map((error) => ({ ...error, path: `/dataset/synthetic${error.path}` })))
      return { ...syntheticDataset(newId('ds'), tenant, dataset.synthetic), isNew: true }
    }
    const found = await datasets.find(tenant, dataset.id)
    if (found) return found
    throw new Problem('VALIDATION_FAILED', undefined, [
      { path: predictedPath, code: 'not_found', message: 'there is no such dataset', value: dataset.id },
    ])
  }

  /** Whether its labels are measured by: if they are to be, or if they fit and nothing was said. @throws Problem VALIDATION_FAILED */
  const fit = async (model: PredictionModel, table: Table, wanted: boolean | undefined): Promise<{ measured: boolean }> => {
    if (wanted !== false) {
      const labelled = await planOf(model, table, true)
      if ('value' in labelled) return { measured: true }
      if (wanted) throwIfInvalid(labelled.errors)
    }
    requireValue(await planOf(model, table, false))
    return { measured: false }
  }

  const planOf = async ({ plan, dataset }: PredictionModel, table: Table, measured: boolean): Promise<Checked<Plan>> => {
    const made = planPredicted(plan, dataset, table, measured)
    const errors = 'errors' in made ? made.errors : await unknownLevelErrors(made.value, [dataset, table], levels.read, predictedPath)
    if (errors.length === 0) return made
    return { errors: table.isNew ? errors.map(atSynthetic) : errors }
  }

  /** A prediction with its classes, at once or when it has ended, if the wait is long enough. @throws Problem NOT_FOUND */
  const get = async (
    tenant: string,
    id: string,
    { waitSeconds, signal }: Waiting = { waitSeconds: 0 },
  ): Promise<DatasetPredictionResource> => {
    const deadline = Date.now() + 1000 * waitSeconds
    const watch = notifications.watch(channels.prediction, id)
    try {
      for (;;) {
        const found = await require(tenant, id)
        const left = deadline - Date.now()
        if (hasEnded(found.status) || left <= 0 || signal?.aborted) {
          const { classes } = await shownBy(tenant, found)
          return { ...toPredictionResource(found), ...(classes ? { classes } : {}) }
        }
        await watch.next({ timeoutMs: Math.min(left, rereadMs), signal })
      }
    } finally {
      watch.close()
    }
  }

  const list = async (tenant: string, page: PageRequest, filter: PredictionFilter): Promise<Page<DatasetPredictionResource>> => {
    const found = toPage(await predictions.list(tenant, page, filter))
    return { ...found, data: found.data.map(toPredictionResource) }
  }

  /** All rows as lines, made while they are sent. @throws Problem NOT_FOUND, CONFLICT unless it has succeeded */
  const rows = async (tenant: string, id: string, format: LineFormat): Promise<AsyncGenerator<string>> => {
    const found = await require(tenant, id)
    const { status, width } = found
    if (status !== 'succeeded') throw new Problem('CONFLICT', `Prediction ${id} ${hasEnded(status) ? 'has failed' : 'has not ended yet'}`)
    const { write, classes } = await shownBy(tenant, found)
    return linesOf(format, { chunks: chunksOf(id, found.rows, width), write, width, classes })
  }

  async function* chunksOf(id: string, rows: number, width: number): AsyncGenerator<Float32Array> {
    for (let index = 0, done = 0; done < rows; index++) {
      const bytes = await predictions.chunk(id, index)
      if (!bytes) throw new Error(`prediction ${id} was deleted while it was read`)
      const values = unpackFloats(bytes)
      done += values.length / width
      yield values
    }
  }

  const shownBy = async (
    tenant: string,
    { jobId, output }: DatasetPrediction,
  ): Promise<{ write: OutputWriter; classes: DatasetPredictionResource['classes'] }> => {
    const { plan, labels } = await modelOf(tenant, jobId)
    const write = requireValue(outputWriter(plan, labels, output))
    return { write, classes: write(noRows).classes }
  }

  const remove = async (tenant: string, id: string): Promise<void> => {
    if (!(await predictions.remove(tenant, id))) throw notFound(id)
  }

  const require = async (tenant: string, id: string): Promise<DatasetPrediction> => {
    const found = await predictions.find(tenant, id)
    if (!found) throw notFound(id)
    return found
  }

  return { create, get, list, rows, remove }
}

export type DatasetPredictionService = ReturnType<typeof createDatasetPredictionService>

const noRows = { epoch: 0, predictions: [] }

const hasEnded = (status: DatasetPredictionStatus): boolean => status === 'succeeded' || status === 'failed'

const notFound = (id: string): Problem => new Problem('NOT_FOUND', `There is no prediction ${id}`)

/** Numbers that a model gives for a row: both outputs if its loss compares two inputs. */
const widthOf = ({ data, outputShape }: Plan): number => data.featureColumns.length * sizeOf(outputShape)

const tooLarge = (bytes: number) => {
  const mebibytes = (count: number): number => Math.ceil(count / 2 ** 20)
  const most = mebibytes(datasetPredictionLimits.bytes)
  return {
    path: '/dataset',
    code: 'too_large',
    message: `the outputs for all of its rows are ${mebibytes(bytes)} MiB; at most ${most} MiB are kept of a prediction`,
  }
}
