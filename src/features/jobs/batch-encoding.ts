/** A batch as PostgreSQL takes it in: JSON for everything but the tensors, whose values are one run of bytes. */

import { type JsonNumber, toJsonNumber } from '../../api/numbers.ts'
import type { EngineState, NamedTensor } from '../../contracts/engine.ts'
import { type EpochColumnName, type EpochRow, epochColumnList } from '../../contracts/epoch-columns.ts'
import { sizeOf } from '../../numerics/shape.ts'
import { normOf } from '../../numerics/statistics.ts'
import type { Batch, Closing, KeptTensor, StoredCheckpoint } from './lease.ts'

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
const encodeEpochs = (epochs: readonly EpochRow[]) =>
  epochs.map((row) => ({ epoch: row.epoch, ...Object.fromEntries(epochColumnList.map(([name]) => [name, encodeColumn(row[name])])) }))

const encodeColumn = (value: EpochRow[EpochColumnName]) => {
  if (value === null) return null
  return typeof value === 'number' ? toJsonNumber(value) : jsonNumbers(value)
}

/** Tensor rows as JSON records that say where in `bytes` (from 1) their values lie. */
const encodeTensors = ({
  epochs,
  weights: lastWeights,
}: Pick<Batch, 'epochs' | 'weights'>): { records: unknown[]; bytes: Uint8Array<ArrayBuffer> } => {
  const arrays: Float32Array[] = []
  let at = 1
  const record = (kind: 'weight' | 'gradient', epoch: number) => (tensor: KeptTensor, position: number) => {
    const { name: parameter, shape, norm, values } = tensor
    const row = { kind, epoch, position, parameter, shape, norm: toJsonNumber(norm) }
    if (!values) return row
    if ('blobId' in values) return { ...row, blob: values.blobId, offset: values.at }
    const start = at
    arrays.push(values)
    at += values.byteLength
    return { ...row, at: start, length: values.byteLength }
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
export const layoutOf = ({ epoch, step, tensors }: EngineState) =>
  tensors.map(({ name, shape, values }) =>
    step === 0 && epoch > 0 && isOfModel(name) ? { name, shape, norm: toJsonNumber(normOf(values)) } : { name, shape },
  )
/** Bytes of a checkpoint's values. */
export const stateBytes = ({ tensors }: EngineState): number => tensors.reduce((sum, { values }) => sum + values.byteLength, 0)

/** The values of a checkpoint in pieces of so many bytes, without ever being joined. */
export function* piecesOf({ tensors }: EngineState, size: number): Generator<Uint8Array<ArrayBuffer>> {
  let piece = new Uint8Array(size)
  let filled = 0
  for (const { values } of tensors) {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + size - filled)
      piece.set(part, filled)
      at += part.length
      filled += part.length
      if (filled < size) continue
      yield piece
      piece = new Uint8Array(size)
      filled = 0
    }
  }
  if (filled > 0) yield piece.subarray(0, filled)
}

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
/** A checkpoint whose values lie elsewhere, as its row: `blob` is the id under which they do. */
const encodeStored = ({ epoch, step, memo, layout, blobId }: StoredCheckpoint) => ({
  epoch,
  step,
  memo,
  layout,
  blob: blobId,
  values: new Uint8Array(0),
})

/** Blobs that a batch refers to. */
const blobsOf = ({ epochs, weights, state }: Batch): string[] => {
  const tensors = [...epochs.flatMap((report) => [...report.gradients, ...report.weights]), ...(weights?.tensors ?? [])]
  const ids = tensors.flatMap(({ values }) => (values && 'blobId' in values ? [values.blobId] : []))
  if (state && 'layout' in state && state.blobId) ids.push(state.blobId)
  return [...new Set(ids)]
}

/** A checkpoint's row. */
export type StoredState = { epoch: number; step: number; memo: unknown; layout: unknown; values: Uint8Array }

/** The checkpoint that a row holds. */
export const decodeState = ({ epoch, step, memo, layout, values }: StoredState): EngineState => {
  const floats = unpackValues(values)
  let at = 0
  const tensors = (layout as { name: string; shape: number[] }[]).map(({ name, shape }): NamedTensor => {
    const size = sizeOf(shape)
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
export const encodeBatch = (batch: Batch) => {
  const { epochs, weights, state, fraction, engine, events, closing } = batch
  const last = epochs.at(-1)
  const tensors = encodeTensors({ epochs, weights })
  const { values: stateBytes, ...saved } = state
    ? 'layout' in state
      ? encodeStored(state)
      : encodeState(state)
    : { values: new Uint8Array(0) }
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
    blobs: blobsOf(batch),
    events,
    ...encodeClosing(closing),
  })
  return { json, tensorBytes: tensors.bytes, stateBytes }
}
