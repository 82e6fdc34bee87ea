/** `client.models`: names that stand for what jobs learned. */
import { DatasetPrediction } from '../dataset-prediction.ts'
import type { Answer } from '../http/answer.ts'
import { segment } from '../http/query.ts'
import type { CallOptions, CallRequest, Transport } from '../http/transport.ts'
import type { PredictionRows } from '../results.ts'
import type { Model, ModelTarget, PredictedDataset, Predictions } from '../types.ts'
import { type PredictOptions, predictAt } from './predict.ts'
import { createPredictionApi, type PredictDatasetOptions } from './prediction-api.ts'

/** A model and the tag of this version of it, for `ifMatch`. */
export type TaggedModel = Model & { etag: string }

export type ModelChangeOptions = CallOptions & {
  /** Only if the model is still this version, or with `*` if there is one; else a PreconditionFailedError. */
  ifMatch?: string | undefined
}

export type ModelPutOptions = ModelChangeOptions & {
  /** `*`: only if there is no such model yet. */
  ifNoneMatch?: '*' | undefined
}

export const createModels = (transport: Transport) => {
  const predictions = createPredictionApi(transport)
  const path = (name: string, rest = ''): string => `/v1/models/${segment(name)}${rest}`

  const tagged = (method: 'GET' | 'PUT', name: string, request: CallRequest): Promise<TaggedModel> =>
    transport.call(method, path(name), request, async (answer: Answer) => ({
      ...(JSON.parse(await answer.text()) as Model),
      etag: answer.headers.get('etag') ?? '',
    }))

  /** All of them, by name. */
  const list = async (options: CallOptions = {}): Promise<Model[]> =>
    (await transport.json<{ data: Model[] }>('GET', '/v1/models', options)).data

  const get = (name: string, options: CallOptions = {}): Promise<TaggedModel> => tagged('GET', name, options)

  /** Names what a job learned, or switches the name to it. */
  const put = (name: string, target: ModelTarget, { ifMatch, ifNoneMatch, ...options }: ModelPutOptions = {}): Promise<TaggedModel> =>
    tagged('PUT', name, {
      ...options,
      body: target,
      headers: { ...(ifMatch && { 'if-match': ifMatch }), ...(ifNoneMatch && { 'if-none-match': ifNoneMatch }) },
    })

  /** Gives up the name; its job stays. */
  const remove = (name: string, { ifMatch, ...options }: ModelChangeOptions = {}): Promise<void> =>
    transport.json('DELETE', path(name), { ...options, headers: ifMatch ? { 'if-match': ifMatch } : {} })

  /** What it gives for rows of yours. */
  const predict = (name: string, rows: PredictionRows, options: PredictOptions = {}): Promise<Predictions> =>
    predictAt(transport, path(name, '/predictions'), rows, options)

  /** What it gives for all rows of a dataset: work of its own, to be waited for. */
  const predictDataset = async (
    name: string,
    dataset: string | PredictedDataset,
    options: PredictDatasetOptions = {},
  ): Promise<DatasetPrediction> =>
    new DatasetPrediction(predictions, await predictions.create(path(name, '/predictions'), dataset, options))

  return { list, get, put, delete: remove, predict, predictDataset }
}
