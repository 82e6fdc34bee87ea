/** A prediction for a whole dataset as the features see it. */
import {
  type DatasetPredictionErrorCode,
  type DatasetPredictionResource,
  type DatasetPredictionStatus,
  datasetPredictionLimits,
  type PredictedDataset,
} from '../../api/dataset-prediction.schema.ts'
import type { JsonNumber } from '../../api/numbers.ts'
import type { PredictionOutput } from '../../api/prediction-output.schema.ts'

export type DatasetPrediction = {
  id: string
  status: DatasetPredictionStatus
  jobId: string
  epoch: number | null
  source: PredictedDataset
  output: PredictionOutput
  rows: number
  /** Numbers that the model gives for a row. */
  width: number
  rowsDone: number
  metrics: Record<string, JsonNumber> | null
  confusion: number[][] | null
  error: { code: DatasetPredictionErrorCode; message: string } | null
  seconds: number
  createdAt: Date
  startedAt: Date | null
  finishedAt: Date | null
}

/** A prediction that is about to be stored; `askedEpoch` is null for the newest weights of a job that has ended. */
export type NewDatasetPrediction = {
  id: string
  tenant: string
  jobId: string
  askedEpoch: number | null
  source: PredictedDataset
  datasetId: string
  output: PredictionOutput
  measured: boolean
  rows: number
  width: number
  storedBytes: number
}

const dayMs = 86_400_000

export const toPredictionResource = (prediction: DatasetPrediction): DatasetPredictionResource => {
  const { id, status, jobId, epoch, source, output, rows, rowsDone, metrics, confusion, seconds, error } = prediction
  const { createdAt, startedAt, finishedAt } = prediction
  return {
    ...{ id, status, jobId, epoch, dataset: source, output },
    progress: { rows: rowsDone, of: rows, fraction: rows === 0 ? 1 : rowsDone / rows },
    ...{ metrics, confusion, seconds, error },
    createdAt: createdAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
    expiresAt: finishedAt ? new Date(finishedAt.getTime() + datasetPredictionLimits.keptDays * dayMs).toISOString() : null,
  }
}
