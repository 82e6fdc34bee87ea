/**
 * What is too large for one message stays in the child, and the worker fetches it in pieces: neither process ever holds a
 * message of the size of a model, and the worker never holds the values at all.
 */
import type { EngineState, EpochReport, RecordedTensor } from '../../src/contracts/engine.ts'
import { layoutOf } from '../../src/features/jobs/checkpoint-encoding.ts'
import type { ParkedState, SentEpoch, SentTensor } from './protocol.ts'
import { createValueRun, type ValueRun } from './value-run.ts'

/** @param maxBytes values of a state, or of the epochs of one answer, that still go into the message */
export const createParking = (maxBytes: number) => {
  let state: ValueRun | undefined
  let records: ValueRun | undefined

  const parkState = (exported: EngineState): EngineState | ParkedState => {
    state = undefined
    const { tensors, ...rest } = exported
    if (bytesOf(tensors) <= maxBytes) return exported
    state = createValueRun(tensors.map(({ values }) => values))
    return { ...rest, layout: layoutOf(exported), bytes: state.length }
  }

  const parkEpochs = (epochs: EpochReport[]): SentEpoch[] => {
    records = undefined
    const all = epochs.flatMap(({ gradients, weights }) => [...gradients, ...weights])
    if (bytesOf(all) <= maxBytes) return epochs
    const run: Float32Array[] = []
    let at = 0
    const park = ({ values, ...tensor }: RecordedTensor): SentTensor => {
      if (!values) return { ...tensor, values }
      run.push(values)
      at += values.byteLength
      return { ...tensor, values: { at: at - values.byteLength, length: values.byteLength } }
    }
    const sent = epochs.map((report) => ({ ...report, gradients: report.gradients.map(park), weights: report.weights.map(park) }))
    records = createValueRun(run)
    return sent
  }

  /** So many bytes of what was parked last. @throws if nothing is */
  const read = (run: 'state' | 'records', at: number, length: number): Uint8Array => {
    const parked = run === 'state' ? state : records
    if (!parked) throw new Error(`no ${run} is parked`)
    return parked.read(at, length)
  }

  const recordBytes = (): number => records?.length ?? 0

  /** Gives the bytes that were parked. */
  const clear = (): number => {
    const bytes = (state?.length ?? 0) + recordBytes()
    state = undefined
    records = undefined
    return bytes
  }

  return { parkState, parkEpochs, read, clear, recordBytes }
}

const bytesOf = (tensors: readonly { values: Float32Array | null }[]): number =>
  tensors.reduce((sum, { values }) => sum + (values?.byteLength ?? 0), 0)
