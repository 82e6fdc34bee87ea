/** A checkpoint from and to its row: JSON for what training remembers and for the layout, one run of bytes for the values. */
import { Type } from 'typebox'
import { JsonNumber, toJsonNumber } from '../../api/numbers.ts'
import type { EngineState, NamedTensor } from '../../contracts/engine.ts'
import { type LearnedStatistics, TrainingState } from '../../contracts/training-state.ts'
import { sizeOf } from '../../numerics/shape.ts'
import { normOf } from '../../numerics/statistics.ts'
import { createDecoder } from '../../validation/decode.ts'
import type { StoredCheckpoint } from './lease.ts'

type Layout = StoredCheckpoint['layout']

/** A checkpoint's row; `training` is what training remembers, in the column `memo`. */
export type StoredState = { epoch: number; step: number; training: unknown; layout: unknown; values: Uint8Array }

/** A checkpoint as its row: JSON columns and values. */
export const encodeState = (state: EngineState) => ({
  epoch: state.epoch,
  step: state.step,
  training: state.training,
  layout: layoutOf(state),
  values: pack(state.tensors.map(({ values }) => values)),
})

/** The checkpoint that a row holds. @throws Error naming what cannot be read */
export const decodeState = ({ epoch, step, training, layout, values }: StoredState): EngineState => {
  const floats = unpackValues(values)
  let at = 0
  const tensors = decodeLayout(layout).map(({ name, shape }): NamedTensor => {
    at += sizeOf(shape)
    return { name, shape, values: floats.slice(at - sizeOf(shape), at) }
  })
  if (at !== floats.length) throw new Error(`the values of the checkpoint cannot be read: there are ${floats.length} of ${at}`)
  return { epoch, step, training: decodeTraining(training), tensors }
}

/** What training remembers. @throws Error naming what cannot be read */
export const decodeTraining = createDecoder<TrainingState>('the state of training in the checkpoint', TrainingState)

/** Names and shapes of a checkpoint's tensors, in the order of the values. @throws Error naming what cannot be read */
export const decodeLayout = createDecoder<Layout>(
  'the layout of the checkpoint',
  Type.Array(Type.Object({ name: Type.String(), shape: Type.Array(Type.Integer({ minimum: 0 })), norm: Type.Optional(JsonNumber) })),
)

/** What preprocessing learned; undefined if the job prepares nothing, or ended before it learned it. @throws Error naming what cannot be read */
export const decodeLearned = (training: unknown): LearnedStatistics | undefined => decodeTraining(training ?? {}).preprocessing

/** A checkpoint whose values lie elsewhere, as its row: `blob` is the id under which they do. */
export const encodeStored = ({ epoch, step, training, layout, blobId }: StoredCheckpoint) => ({
  epoch,
  step,
  training,
  layout,
  blob: blobId,
  values: new Uint8Array(0),
})

/** Whether a tensor of a checkpoint is a weight or a running statistic: all other names have a prefix or a slot. */
export const isOfModel = (name: string): boolean => !name.includes('/')

/** If a checkpoint may have to stand for the weights of its epoch, it has their norms too. */
export const layoutOf = ({ epoch, step, tensors }: EngineState): Layout =>
  tensors.map(({ name, shape, values }) =>
    step === 0 && epoch > 0 && isOfModel(name) ? { name, shape, norm: toJsonNumber(normOf(values)) } : { name, shape },
  )

/** Bytes of a checkpoint's values. */
export const stateBytes = ({ tensors }: EngineState): number => tensors.reduce((sum, { values }) => sum + values.byteLength, 0)

/** The values of a checkpoint in chunks of so many bytes, without ever being joined. */
export function* chunksOf({ tensors }: EngineState, size: number): Generator<Uint8Array<ArrayBuffer>> {
  let chunk = new Uint8Array(size)
  let filled = 0
  for (const { values } of tensors) {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + size - filled)
      chunk.set(part, filled)
      at += part.length
      filled += part.length
      if (filled < size) continue
      yield chunk
      chunk = new Uint8Array(size)
      filled = 0
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled)
}

/** Packed float32 as it was stored: a copy, since a view needs four-byte alignment, which bytes from a driver don't have. */
export const unpackValues = (bytes: Uint8Array): Float32Array => new Float32Array(Uint8Array.from(bytes).buffer)

/** Float32 arrays as one run of little-endian bytes. */
export const pack = (arrays: Float32Array[]): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(arrays.reduce((sum, array) => sum + array.byteLength, 0))
  let at = 0
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at)
    at += array.byteLength
  }
  return bytes
}
