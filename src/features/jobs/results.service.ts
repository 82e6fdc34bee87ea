/** What training left behind: epochs, gradients and events, read while they are sent. */

import type { EventResource } from '../../api/event.schema.ts'
import { type JsonNumber, toJsonNumber, toJsonNumbers } from '../../api/numbers.ts'
import type { Gradient } from '../../api/tensors.schema.ts'
import { JsonText } from '../../api/write-json.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { lastOf, must } from '../../numerics/must.ts'
import { sizeOf } from '../../numerics/shape.ts'
import { inSlices } from '../slices.ts'
import type { Curve, CurveRepository } from './curve.repository.ts'
import { downsample } from './downsample.ts'
import type { JobRepository } from './job.repository.ts'
import type { JobState } from './job.ts'
import { requireEpoch } from './required-epoch.ts'
import { requireParameter } from './required-parameter.ts'
import type { EpochRange, ResultsRepository, StoredTensor, TensorQuery } from './results.repository.ts'
import type { TrainedParameters } from './trained-parameters.ts'

/** Tensors of a page; their values are read one tensor after the other, norms are there at once. */
const tensorsPerPage = { full: 64, norm: 1000 }
/** Chosen epochs whose gradients are read at a time. */
const epochsAtOnce = 500
/** Epochs and events read from the database at a time. */
const epochsPerPage = 2000
const eventsPerPage = 500
/** Values of a gradient that are read at a time, in bytes. */
const bytesPerSlice = 64 * 1024

type Collaborators = {
  jobs: Pick<JobRepository, 'findState'>
  parameters: TrainedParameters
  results: ResultsRepository
  curves: CurveRepository
}

/** Which gradients are wanted. */
type GradientQuery = Omit<TensorQuery, 'kind' | 'epochs'>

/** A gradient whose values come in runs. */
type StoredGradient = Omit<Gradient, 'values'> & { values?: AsyncIterable<JsonText> }

export const createResultsService = ({ jobs, parameters, results, curves }: Collaborators) => {
  /**
   * The epochs of a range as JSON, page by page; with `maxPoints` those of them that show the shape of the loss curve.
   * @throws Problem NOT_FOUND if it has a first and a last epoch, and
   * not even the first is there
   */
  const epochs = async (
    tenant: string,
    id: string,
    { maxPoints, ...range }: EpochRange & { maxPoints?: number },
  ): Promise<AsyncIterable<JsonText>> => {
    const state = await requireJob(tenant, id)
    if (range.from !== undefined && range.to !== undefined) requireEpoch(id, state, range.from)
    if (maxPoints === undefined) return readEpochs(id, range)
    return readChosen(id, await shapeOf(await curves.ofEpochs(id, 'loss', range), maxPoints))
  }

  /** The epochs of a range of which weights are kept, as JSON, page by page. */
  const checkpoints = async (tenant: string, id: string, range: EpochRange): Promise<AsyncIterable<JsonText>> => {
    await requireJob(tenant, id)
    return readCheckpoints(id, range)
  }

  async function* readCheckpoints(id: string, { from = 1, to }: EpochRange): AsyncGenerator<JsonText> {
    for (let next = from; ; ) {
      const kept = await results.keptEpochs(id, { from: next, to, limit: epochsPerPage })
      if (kept.length === 0) return
      yield* readChosen(id, kept)
      next = lastOf(kept) + 1
    }
  }

  async function* readEpochs(id: string, { from = 1, to }: EpochRange): AsyncGenerator<JsonText> {
    for (let next = from; ; ) {
      const page = await results.epochPage(id, { from: next, to, limit: epochsPerPage })
      if (!page) return
      yield page.text
      next = page.last + 1
    }
  }

  async function* readChosen(id: string, epochs: readonly number[]): AsyncGenerator<JsonText> {
    for (let at = 0; at < epochs.length; at += epochsPerPage) {
      const page = await results.epochPage(id, { from: 1, limit: epochsPerPage, only: epochs.slice(at, at + epochsPerPage) })
      if (page) yield page.text
    }
  }

  /**
   * The gradients of an epoch or of all, one after the other: a long job's don't fit into memory. With `maxPoints` of those
   * epochs that show the shape of the parameter's norm, or of the norm of all if no parameter is named.
   * @throws Problem NOT_FOUND for an epoch that is not there, or of which nothing is kept, and for a parameter that the job does not train
   */
  const gradients = async (
    tenant: string,
    id: string,
    query: GradientQuery,
    { reduce, maxPoints }: { reduce: 'full' | 'norm'; maxPoints?: number },
  ): Promise<AsyncIterable<StoredGradient>> => {
    await requireGradients(tenant, id, query)
    if (maxPoints === undefined || query.epoch !== undefined) return readGradients(id, query, reduce)
    const { parameter } = query
    const curve = await (parameter === undefined ? curves.ofEpochs(id, 'gradientNorm') : curves.ofGradient(id, parameter))
    return readChosenGradients(id, query, reduce, await shapeOf(curve, maxPoints))
  }

  const requireGradients = async (tenant: string, id: string, query: GradientQuery): Promise<void> => {
    const state = await requireJob(tenant, id)
    if (query.epoch !== undefined) requireEpoch(id, state, query.epoch)
    if (query.epoch === undefined && query.parameter === undefined) return
    const [any] = await results.tensors(id, { ...query, kind: 'gradient' }, { limit: 1, values: false })
    if (!any && query.parameter !== undefined) requireParameter(id, await parameters.of(tenant, id), query.parameter)
    if (!any && query.epoch !== undefined) throw notRecorded(id, query.epoch)
  }

  async function* readChosenGradients(id: string, query: GradientQuery, reduce: 'full' | 'norm', epochs: readonly number[]) {
    for (let at = 0; at < epochs.length; at += epochsAtOnce)
      yield* readGradients(id, { ...query, epochs: epochs.slice(at, at + epochsAtOnce) }, reduce)
  }

  async function* readGradients(id: string, query: Omit<TensorQuery, 'kind'>, reduce: 'full' | 'norm'): AsyncGenerator<StoredGradient> {
    let after: StoredTensor | undefined
    for (;;) {
      const page = await results.tensors(id, { ...query, kind: 'gradient' }, { after, limit: tensorsPerPage[reduce], values: false })
      for (const tensor of page) yield toGradient(tensor, reduce === 'full' ? await openValues(id, tensor) : null)
      if (page.length < tensorsPerPage[reduce]) return
      after = page.at(-1)
    }
  }

  /** The values of a gradient as runs of JSON numbers, read while they are sent; null if only the norm was recorded. */
  const openValues = async (id: string, { epoch, position, shape }: StoredTensor): Promise<AsyncIterable<JsonText> | null> => {
    const read = (at: number) => results.valueBytes(id, { kind: 'gradient', epoch, position }, { at, length: bytesPerSlice })
    const first = await read(0)
    return first && readValues(first, 4 * sizeOf(shape), read)
  }

  async function* readValues(
    first: Uint8Array,
    length: number,
    read: (at: number) => Promise<Uint8Array | null>,
  ): AsyncGenerator<JsonText> {
    for (let at = 0, bytes: Uint8Array | null = first; bytes && bytes.length > 0; ) {
      yield new JsonText(JSON.stringify(unpack(bytes)).slice(1, -1))
      at += bytes.length
      bytes = at < length ? await read(at) : null
    }
  }

  /** Events after a number, at most `limit`, page by page. */
  const events = async (tenant: string, id: string, query: { after: number; limit: number }): Promise<AsyncIterable<EventResource>> => {
    await requireJob(tenant, id)
    return readEvents(id, query)
  }

  async function* readEvents(id: string, { after, limit }: { after: number; limit: number }): AsyncGenerator<EventResource> {
    let last = after
    for (let left = limit; left > 0; ) {
      const page = await results.events(id, { after: last, limit: Math.min(left, eventsPerPage) })
      yield* page
      left -= page.length
      last = page.at(-1)?.seq ?? last
      if (page.length < eventsPerPage) return
    }
  }

  const requireJob = async (tenant: string, id: string): Promise<JobState> => {
    const state = await jobs.findState(tenant, id)
    if (!state) throw noJob(id)
    return state
  }

  return { epochs, checkpoints, gradients, events }
}

export type ResultsService = ReturnType<typeof createResultsService>

const toGradient = ({ epoch, parameter, shape, norm }: StoredTensor, values: StoredGradient['values'] | null): StoredGradient => ({
  epoch,
  parameter,
  shape,
  ...(values ? { values } : {}),
  norm: toJsonNumber(norm),
})

/** Packed little-endian float32 as JSON numbers. */
const unpack = (bytes: Uint8Array): JsonNumber[] => toJsonNumbers(new Float32Array(Uint8Array.from(bytes).buffer))

/** Epochs of so many points of a curve that show its shape. */
const shapeOf = async ({ epochs, values }: Curve, maxPoints: number): Promise<number[]> =>
  (await inSlices(downsample(values, maxPoints))).map((at) => must(epochs, at))

const noJob = (id: string): Problem => new Problem('NOT_FOUND', `There is no job ${id}`)

const notRecorded = (id: string, epoch: number): Problem => {
  const message = `no gradients are kept of epoch ${epoch}`
  return new Problem('NOT_FOUND', `Job ${id}: ${message}`, [{ path: '/epoch', code: 'not_recorded', message, value: epoch }])
}
