/** `client.predictions`: what models give for whole datasets. */
import { DatasetPrediction } from '../dataset-prediction.ts'
import { createList, type List } from '../http/pages.ts'
import type { CallOptions, Transport } from '../http/transport.ts'
import type { DatasetPredictionData, PredictionQuery } from '../types.ts'
import { createPredictionApi } from './prediction-api.ts'

export const createPredictions = (transport: Transport) => {
  const api = createPredictionApi(transport)

  const get = async (id: string, options: CallOptions = {}): Promise<DatasetPrediction> =>
    new DatasetPrediction(api, await api.get(id, options))

  /** Newest first. */
  const list = (query: PredictionQuery = {}, options: CallOptions = {}): List<DatasetPredictionData> =>
    createList((after) => transport.json('GET', '/v1/predictions', { ...options, query: { ...query, after: after ?? query.after } }))

  return { get, list, delete: api.remove }
}
