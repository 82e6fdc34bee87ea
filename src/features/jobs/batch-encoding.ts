/** A batch as PostgreSQL takes it in: JSON for everything but the tensors, whose values are one run of bytes. */
import type { EngineState, EpochReport, NamedTensor, RecordedTensor } from '../../contracts/engine.ts'
import { type JsonNumber, toJsonNumber } from '../../contracts/numbers.ts'
import { normOf } from '../../numerics/statistics.ts'
import type { Batch, Closing } from './lease.ts'

/** Float32 arrays as one run of little-endian bytes. */
const pack = (arrays: Float32Array[]): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(arrays.reduce((sum, array) => sum + array.byteLength, 0))
  let at = 0
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at)
    at += array.byteLength
  }
  return bytes
}

/** Named numbers as JSON carries them. */
export const jsonNumbers = (values: Record<string, number>): Record<string, JsonNumber> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toJsonNumber(value)]))

/** Epoch rows as JSON records; non-finite numbers as the strings that PostgreSQL reads too. */
const encodeEpochs = (epochs: EpochReport[]) =>
  epochs.map(({ epoch, loss, batchLoss, learningRate, gradientNorm, seconds, metrics, validationLoss }) => ({
    epoch,
    ...jsonNumbers({ loss, batchLoss, learningRate, gradientNorm, seconds }),
    validationLoss: validationLoss === null ? null : toJsonNumber(validationLoss),
    metrics: jsonNumbers(metrics),
  }))

/** Tensor rows as JSON records that say where in `bytes` (from 1) their values lie. */
const encodeTensors = ({
  epochs,
  weights: lastWeights,
}: Pick<Batch, 'epochs' | 'weights'>): { records: unknown[]; bytes: Uint8Array<ArrayBuffer> } => {
  const arrays: Float32Array[] = []
  let at = 1
  const record = (kind: 'weight' | 'gradient', epoch: number) => (tensor: RecordedTensor, position: number) => {
    const { name: parameter, shape, norm, values } = tensor
    const start = at
    if (values) {
      arrays.push(values)
      at += values.byteLength
    }
    return { kind, epoch, position, parameter, shape, norm: toJsonNumber(norm), at: start, length: values ? values.byteLength : null }
  }
  const records = epochs.flatMap((report) => [
    ...report.gradients.map(record('gradient', report.epoch)),
    ...report.weights.map(record('weight', report.epoch)),
  ])
  if (lastWeights) records.push(...lastWeights.tensors.map(record('weight', lastWeights.epoch)))
  return { records, bytes: pack(arrays) }
}

/** Whether a tensor of a checkpoint is a weight or a running statistic: all other names have a prefix or a slot. */
export const isOfModel = (name: string): boolean => !name.includes('/')

/** Where a checkpoint may have to stand for the weights of its epoch, it has their norms too. */
const layoutOf = ({ epoch, step, tensors }: EngineState) =>
  tensors.map(({ name, shape, values }) =>
    step === 0 && epoch > 0 && isOfModel(name) ? { name, shape, norm: toJsonNumber(normOf(values)) } : { name, shape },
  )

/** A checkpoint as its row: JSON columns and values. */
export const encodeState = (state: EngineState) => ({
  epoch: state.epoch,
  step: state.step,
  memo: state.memo,
  layout: layoutOf(state),
  values: pack(state.tensors.map(({ values }) => values)),
})

/** Packed float32 as it was stored: a copy, since a view needs four-byte alignment, which bytes from a driver don't have. */
export const unpackValues = (bytes: Uint8Array): Float32Array => new Float32Array(Uint8Array.from(bytes).buffer)

/** A checkpoint's row. */
export type StoredState = { epoch: number; step: number; memo: unknown; layout: unknown; values: Uint8Array }

/** The checkpoint that a row holds. */
export const decodeState = ({ epoch, step, memo, layout, values }: StoredState): EngineState => {
  const floats = unpackValues(values)
  let at = 0
  const tensors = (layout as { name: string; shape: number[] }[]).map(({ name, shape }): NamedTensor => {
    const size = shape.reduce((product, length) => product * length, 1)
    at += size
    return { name, shape, values: floats.slice(at - size, at) }
  })
  return { epoch, step, memo: memo as Record<string, unknown>, tensors }
}

/** What a closing adds to the JSON of its batch; `data` goes into the event. */
const encodeClosing = (closing: Closing | null) => {
  switch (closing?.to) {
    case 'succeeded':
      return { wanted: closing.to, result: closing.result, data: closing.result }
    case 'failed':
      return { wanted: closing.to, data: { code: closing.code, message: closing.message } }
    case 'queued':
      return { wanted: closing.to, crashed: closing.crashed, data: { reason: closing.reason } }
    default:
      return { wanted: closing?.to }
  }
}

/** A batch as the three parameters of the statement that writes it. */
export const encodeBatch = ({ epochs, weights, state, fraction, engine, events, closing }: Batch) => {
  const last = epochs.at(-1)
  const tensors = encodeTensors({ epochs, weights })
  const { values: stateBytes, ...saved } = state ? encodeState(state) : { values: new Uint8Array(0) }
  const json = JSON.stringify({
    fraction,
    engine: engine ?? undefined,
    epoch: last?.epoch,
    loss: last ? toJsonNumber(last.loss) : undefined,
    seconds: epochs.reduce((sum, { seconds }) => sum + seconds, 0),
    epochs: encodeEpochs(epochs),
    tensors: tensors.records,
    // Weights before these are outdated.
    replaced: weights?.epoch,
    state: state ? saved : undefined,
    events,
    ...encodeClosing(closing),
  })
  return { json, tensorBytes: tensors.bytes, stateBytes }
}
