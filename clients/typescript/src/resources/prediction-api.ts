/** The requests about predictions for whole datasets. */
import { fileNameOf } from '../http/answer.ts'
import { segment } from '../http/query.ts'
import type { CallOptions, Transport } from '../http/transport.ts'
import type { DatasetPredictionData, PredictedDataset, PredictedRow, PredictionFormat } from '../types.ts'

export type PredictDatasetOptions = CallOptions & {
  /** What to tell of each row. */
  output?: 'class' | 'probability' | 'raw' | undefined
  /** Whether loss and metrics are measured by the labels of the dataset; left out, if it has labels that fit. */
  metrics?: boolean | undefined
}

/** How long the service may hold an answer back, in seconds. */
const waitSeconds = 60

export const createPredictionApi = (transport: Transport) => {
  const path = (id: string, rest = ''): string => `/v1/predictions/${segment(id)}${rest}`

  /** Asks for the rows of a dataset, by its id or as what the service generates; `at` is the path of a job's or a model's predictions. */
  const create = (
    at: string,
    dataset: string | PredictedDataset,
    { output, metrics, ...options }: PredictDatasetOptions,
  ): Promise<DatasetPredictionData> => {
    const named = typeof dataset === 'string' ? { id: dataset } : dataset
    return transport.json('POST', at, {
      ...options,
      body: { dataset: named, ...(output && { output }), ...(metrics !== undefined && { metrics }) },
    })
  }

  const get = (id: string, options: CallOptions = {}): Promise<DatasetPredictionData> => transport.json('GET', path(id), options)

  /** Answers at the end, or after a minute. */
  const waitOnce = (id: string, options: CallOptions = {}): Promise<DatasetPredictionData> => {
    const maxSilenceMs = transport.timeoutMs + waitSeconds * 1000
    return transport.json('GET', path(id), { ...options, query: { wait: waitSeconds }, maxSilenceMs })
  }

  const file = async (id: string, format: PredictionFormat, options: CallOptions = {}) => {
    const answer = await transport.open('GET', path(id, '/rows'), { ...options, query: { format } })
    return { name: fileNameOf(answer.headers) ?? `${id}.${format}`, chunks: answer.chunks() }
  }

  async function* rows(id: string, options: CallOptions = {}): AsyncGenerator<PredictedRow> {
    const decoder = new TextDecoder()
    let rest = ''
    for await (const chunk of (await file(id, 'ndjson', options)).chunks) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) yield JSON.parse(line) as PredictedRow
    }
  }

  const remove = (id: string, options: CallOptions = {}): Promise<void> => transport.json('DELETE', path(id), options)

  return { create, get, waitOnce, file, rows, remove }
}

export type PredictionApi = ReturnType<typeof createPredictionApi>
