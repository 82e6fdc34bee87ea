/** The requests about one job, by its id. */
import { DatasetPrediction } from '../dataset-prediction.ts'
import { readSafetensors } from '../files/safetensors.ts'
import { fileNameOf } from '../http/answer.ts'
import { follow } from '../http/following.ts'
import { segment } from '../http/query.ts'
import type { CallOptions, Transport } from '../http/transport.ts'
import type { Gradient, PredictionRows, Weights } from '../results.ts'
import type {
  CheckpointQuery,
  components,
  Epoch,
  EpochQuery,
  EpochsFormat,
  GradientQuery,
  HistogramQuery,
  Histograms,
  JobData,
  JobEvent,
  PictureFormat,
  PictureLink,
  PictureLinkRequest,
  PictureQuery,
  PredictedDataset,
  Predictions,
  WeightsFormat,
  WeightsQuery,
} from '../types.ts'
import { type PredictOptions, predictAt } from './predict.ts'
import { createPredictionApi, type PredictDatasetOptions } from './prediction-api.ts'

/** How long the service may hold an answer back, in seconds. */
const waitSeconds = 60
const eventsPerPage = 1000

export const createJobApi = (transport: Transport) => {
  const predictions = createPredictionApi(transport)
  const path = (id: string, rest = ''): string => `/v1/jobs/${segment(id)}${rest}`

  const get = (id: string, options: CallOptions = {}): Promise<JobData> => transport.json('GET', path(id), options)

  /** Answers at the next change, or at the end, or after a minute. */
  const waitOnce = (id: string, waitFor: 'change' | 'end', options: CallOptions = {}): Promise<JobData> => {
    const maxSilenceMs = transport.timeoutMs + waitSeconds * 1000
    return transport.json('GET', path(id), { ...options, query: { wait: waitSeconds, waitFor }, maxSilenceMs })
  }

  const act = (id: string, action: 'cancel' | 'pause' | 'resume', options: CallOptions = {}): Promise<JobData> =>
    transport.json('POST', path(id, `/${action}`), options)

  const remove = (id: string, options: CallOptions = {}): Promise<void> => transport.json('DELETE', path(id), options)

  const epochs = async (id: string, query: EpochQuery = {}, options: CallOptions = {}): Promise<Epoch[]> => {
    const { data } = await transport.json<{ data: Epoch[] }>('GET', path(id, '/epochs'), { ...options, query })
    return data
  }

  const epochsFile = async (id: string, format: EpochsFormat, query: EpochQuery = {}, options: CallOptions = {}) => {
    const answer = await transport.open('GET', path(id, '/epochs'), { ...options, query: { ...query, format } })
    return { name: fileNameOf(answer.headers) ?? `${id}-epochs.${format}`, chunks: answer.chunks() }
  }

  /** The epochs of which weights are kept. */
  const checkpoints = async (id: string, query: CheckpointQuery = {}, options: CallOptions = {}): Promise<Epoch[]> => {
    const { data } = await transport.json<{ data: Epoch[] }>('GET', path(id, '/checkpoints'), { ...options, query })
    return data
  }

  const histograms = (id: string, query: HistogramQuery = {}, options: CallOptions = {}): Promise<Histograms> =>
    transport.json('GET', path(id, '/histograms'), { ...options, query })

  const picture = (id: string, format: PictureFormat, query: PictureQuery = {}, options: CallOptions = {}) =>
    transport.call('GET', path(id, `/loss.${format}`), { ...options, query }, (answer) => answer.bytes())

  const pictureLink = async (id: string, request: PictureLinkRequest, options: CallOptions = {}): Promise<PictureLink> => {
    const { url, ...link } = await transport.json<PictureLink>('POST', path(id, '/links'), { ...options, body: request })
    return { url: `${transport.url}${url}`, ...link }
  }

  const gradients = async (id: string, query: GradientQuery = {}, options: CallOptions = {}): Promise<Gradient[]> => {
    type Sent = components['schemas']['Gradient']
    const { data } = await transport.json<{ data: Sent[] }>('GET', path(id, '/gradients'), { ...options, query })
    return data.map(({ values, norm, ...rest }) => ({
      ...rest,
      norm: Number(norm),
      ...(values ? { values: Float32Array.from(values, Number) } : {}),
    }))
  }

  const weights = async (id: string, query: WeightsQuery = {}, options: CallOptions = {}): Promise<Weights> => {
    const request = { ...options, query: { ...query, format: 'safetensors' } }
    return transport.call('GET', path(id, '/weights'), request, async (answer) => ({
      fileName: fileNameOf(answer.headers),
      ...readSafetensors(await answer.bytes()),
    }))
  }

  const weightsFile = async (id: string, format: WeightsFormat, query: WeightsQuery = {}, options: CallOptions = {}) => {
    const answer = await transport.open('GET', path(id, '/weights'), { ...options, query: { ...query, format } })
    return { name: fileNameOf(answer.headers) ?? `${id}.${format}`, chunks: answer.chunks() }
  }

  const predict = (id: string, rows: PredictionRows, options: PredictOptions): Promise<Predictions> =>
    predictAt(transport, path(id, '/predictions'), rows, options)

  const predictDataset = async (
    id: string,
    dataset: string | PredictedDataset,
    options: PredictDatasetOptions,
  ): Promise<DatasetPrediction> => new DatasetPrediction(predictions, await predictions.create(path(id, '/predictions'), dataset, options))

  /** What is stored so far, page by page. */
  async function* history(id: string, { after = 0, ...options }: CallOptions & { after?: number } = {}): AsyncGenerator<JobEvent> {
    for (let last = after; ; ) {
      const query = { after: last, limit: eventsPerPage }
      const { data } = await transport.json<{ data: JobEvent[] }>('GET', path(id, '/events'), { ...options, query })
      yield* data
      const newest = data.at(-1)
      if (!newest || data.length < eventsPerPage) return
      last = newest.seq
    }
  }

  /** Until the job's last event. */
  async function* followEvents(id: string, { after = 0, ...options }: CallOptions & { after?: number } = {}): AsyncGenerator<JobEvent> {
    for await (const event of follow<JobEvent>(transport, path(id, '/events'), { ...options, after: String(after) })) {
      yield event
      if (isLast(event)) return
    }
  }

  return {
    get,
    waitOnce,
    act,
    remove,
    epochs,
    epochsFile,
    checkpoints,
    histograms,
    picture,
    pictureLink,
    gradients,
    weights,
    weightsFile,
    predict,
    predictDataset,
    history,
    follow: followEvents,
  }
}

export type JobApi = ReturnType<typeof createJobApi>

const isLast = ({ type }: JobEvent): boolean => type === 'succeeded' || type === 'failed' || type === 'cancelled'
