/** A batch as PostgreSQL takes it in: JSON for everything but the tensors, whose values are one run of bytes. */

import { type JsonNumber, toJsonNumber } from '../../api/numbers.ts'
import { type EpochColumnName, type EpochRow, epochColumnList } from '../../contracts/epoch-columns.ts'
import { encodeState, encodeStored, pack } from './checkpoint-encoding.ts'
import type { Batch, Closing, KeptTensor } from './lease.ts'
import { summarizeMetrics } from './metric-summary.ts'

/** Named numbers as JSON carries them. */
export const jsonNumbers = (values: Record<string, number>): Record<string, JsonNumber> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toJsonNumber(value)]))

/** A batch as the three parameters of the statement that writes it. */
export const encodeBatch = (batch: Batch) => {
  const { epochs, weights, outdated, state, fraction, engine, events, closing } = batch
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
    metrics: summarizeMetrics(epochs),
    tensors: tensors.records,
    // Weights before these are outdated.
    replaced: outdated?.before ?? weights?.epoch,
    best: outdated?.best,
    every: outdated?.every,
    state: state ? saved : undefined,
    blobs: blobsOf(batch),
    events,
    ...encodeClosing(closing),
  })
  return { json, tensorBytes: tensors.bytes, stateBytes }
}

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

/** Blobs that a batch refers to. */
const blobsOf = ({ epochs, weights, state }: Batch): string[] => {
  const tensors = [...epochs.flatMap((report) => [...report.gradients, ...report.weights]), ...(weights?.tensors ?? [])]
  const ids = tensors.flatMap(({ values }) => (values && 'blobId' in values ? [values.blobId] : []))
  if (state && 'layout' in state && state.blobId) ids.push(state.blobId)
  return [...new Set(ids)]
}

/** What a closing adds to the JSON of its batch; `data` goes into the event. */
const encodeClosing = (closing: Closing | null) => {
  if (!closing) return {}
  switch (closing.to) {
    case 'succeeded':
      return { wanted: closing.to, result: closing.result, data: closing.result }
    case 'failed':
      return { wanted: closing.to, data: { code: closing.code, message: closing.message } }
    case 'queued':
      return { wanted: closing.to, crashed: closing.crashed, data: { reason: closing.reason } }
    case 'paused':
    case 'cancelled':
      return { wanted: closing.to }
  }
}
