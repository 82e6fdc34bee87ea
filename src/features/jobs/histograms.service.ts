/** How the recorded values of a parameter lie, epoch by epoch: read in slices while the answer is sent, however large a tensor is. */
import { type EpochHistogram, type HistogramsQuery, maxHistogramValues } from '../../api/histogram.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { countInto, emptyBins, emptyExtent, extend } from '../../numerics/histogram.ts'
import { sizeOf } from '../../numerics/shape.ts'
import { unpackFloats } from '../../numerics/unpack-floats.ts'
import type { HistogramRepository, ParameterPlace, Recorded, RecordedEpoch } from './histogram.repository.ts'
import type { JobRepository } from './job.repository.ts'
import { requireParameter } from './required-parameter.ts'
import type { TrainedParameters } from './trained-parameters.ts'

/** Bytes of values that are read, and looked at, at a time: others wait about a millisecond. */
const sliceBytes = 512 * 1024

type Collaborators = {
  jobs: Pick<JobRepository, 'findState'>
  parameters: TrainedParameters
  histograms: HistogramRepository
}

export type Histograms = { parameter: string | null; parameters: string[]; data: AsyncIterable<EpochHistogram> }

export const createHistogramsService = ({ jobs, parameters, histograms }: Collaborators) => {
  /**
   * Histograms of the values of one parameter in epochs that are spread evenly over those that are recorded.
   * @throws Problem NOT_FOUND for a job that is not there, and for a parameter that it does not train
   */
  const read = async (tenant: string, id: string, { of, parameter, bins, maxPoints }: HistogramsQuery): Promise<Histograms> => {
    if (!(await jobs.findState(tenant, id))) throw new Problem('NOT_FOUND', `There is no job ${id}`)
    const kind = of === 'weights' ? 'weight' : 'gradient'
    const recorded = await histograms.recorded(id, kind)
    const found = recorded?.parameters.find(({ name }) => parameter === undefined || name === parameter)
    if (!found && parameter !== undefined) requireParameter(id, await parameters.of(tenant, id), parameter)
    const names = recorded?.parameters.map(({ name }) => name) ?? []
    if (!recorded || !found) return { parameter: parameter ?? null, parameters: names, data: nothing() }
    const size = sizeOf(found.shape)
    const place = { kind, position: found.position } as const
    const most = Math.max(1, Math.floor(maxHistogramValues / Math.max(1, size)))
    const epochs = await histograms.atOrAfter(id, place, spread(recorded, Math.min(maxPoints, most)))
    return { parameter: found.name, parameters: names, data: readAll(id, place, { epochs, length: 4 * size, bins }) }
  }

  type Wanted = { epochs: RecordedEpoch[]; length: number; bins: number }
  async function* readAll(id: string, place: ParameterPlace, { epochs, length, bins }: Wanted): AsyncGenerator<EpochHistogram> {
    for (const { epoch, kept, values } of epochs) {
      if (!kept) continue
      const histogram = await histogramOf(values ? once(values) : openSlices(id, { ...place, epoch }, length), bins)
      if (histogram) yield { epoch, ...histogram }
    }
  }

  /** Reads the values from their beginning, each time; a single slice is read once. */
  const openSlices = (id: string, place: ParameterPlace & { epoch: number }, length: number): ReadSlices => {
    const readSlice = (at: number) => histograms.slice(id, place, { at, length: Math.min(sliceBytes, length - at) })
    const only = length <= sliceBytes ? readSlice(0) : undefined
    return async function* () {
      for (let at = 0; at < length; at += sliceBytes) {
        const bytes = await (only ?? readSlice(at))
        yield bytes && unpackFloats(bytes)
      }
    }
  }

  return { read }
}

export type HistogramsService = ReturnType<typeof createHistogramsService>

/** Runs of values, or null where they are gone. */
type ReadSlices = () => AsyncIterable<Float32Array | null>

/** What is there already. */
const once = (bytes: Uint8Array): ReadSlices =>
  async function* () {
    yield unpackFloats(bytes)
  }

/** Null if the job is deleted meanwhile. */
const histogramOf = async (readSlices: ReadSlices, bins: number): Promise<Omit<EpochHistogram, 'epoch'> | null> => {
  let extent = emptyExtent
  for await (const values of readSlices()) {
    if (!values) return null
    extent = extend(extent, values)
  }
  const counts = emptyBins(extent, bins)
  for await (const values of readSlices()) {
    if (!values) return null
    countInto(counts, extent, values)
  }
  const isEmpty = counts.length === 0
  return { min: isEmpty ? null : extent.min, max: isEmpty ? null : extent.max, counts, notFinite: extent.notFinite }
}

/** So many epochs from the first to the last, at even distances. */
const spread = ({ first, last }: Recorded, count: number): number[] => {
  if (count === 1) return [last]
  const all = Array.from({ length: count }, (_, at) => Math.round(first + ((last - first) * at) / (count - 1)))
  return [...new Set(all)]
}

async function* nothing(): AsyncGenerator<never> {}
