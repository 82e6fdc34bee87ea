/**
 * What is too large for one message stays in the child, and the worker fetches it in chunks: neither process ever holds a
 * message of the size of a model, and the worker never holds the values at all.
 */
import type { EngineState, EpochReport, RecordedTensor } from '../../src/contracts/engine.ts'
import { layoutOf } from '../../src/features/jobs/checkpoint-encoding.ts'
import type { DeferredState, SentEpoch, SentTensor } from './protocol.ts'
import { createValueRun, type ValueRun } from './value-run.ts'

/** @param maxBytes values of a state, or of the epochs of one answer, that still go into the message */
export const createDeferredValues = (maxBytes: number) => {
  let state: ValueRun | undefined
  let records: ValueRun | undefined

  const deferState = (exported: EngineState): EngineState | DeferredState => {
    state = undefined
    const { tensors, ...rest } = exported
    if (bytesOf(tensors) <= maxBytes) return exported
    state = createValueRun(tensors.map(({ values }) => values))
    return { ...rest, layout: layoutOf(exported), bytes: state.length }
  }

  const deferEpochs = (epochs: EpochReport[]): SentEpoch[] => {
    records = undefined
    const all = epochs.flatMap(({ gradients, weights }) => [...gradients, ...weights])
    if (bytesOf(all) <= maxBytes) return epochs
    const run: Float32Array[] = []
    let at = 0
    const defer = ({ values, ...tensor }: RecordedTensor): SentTensor => {
      if (!values) return { ...tensor, values }
      run.push(values)
      at += values.byteLength
      return { ...tensor, values: { at: at - values.byteLength, length: values.byteLength } }
    }
    const sent = epochs.map((report) => ({ ...report, gradients: report.gradients.map(defer), weights: report.weights.map(defer) }))
    records = createValueRun(run)
    return sent
  }

  /** So many bytes of what was deferred last. @throws if nothing is */
  const read = (run: 'state' | 'records', at: number, length: number): Uint8Array => {
    const deferred = run === 'state' ? state : records
    if (!deferred) throw new Error(`no ${run} is deferred`)
    return deferred.read(at, length)
  }

  const isEmpty = (): boolean => state === undefined && records === undefined

  const recordBytes = (): number => records?.length ?? 0

  /** Gives the bytes that were deferred. */
  const clear = (): number => {
    const bytes = (state?.length ?? 0) + recordBytes()
    state = undefined
    records = undefined
    return bytes
  }

  return { deferState, deferEpochs, read, clear, isEmpty, recordBytes }
}

const bytesOf = (tensors: readonly { values: Float32Array | null }[]): number =>
  tensors.reduce((sum, { values }) => sum + (values?.byteLength ?? 0), 0)
