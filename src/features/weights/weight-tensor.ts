/** A weight on its way out: what is known of it beforehand, and its values, which are read when their turn comes. */
import { sizeOf } from '../../numerics/shape.ts'

export type WeightTensor = {
  name: string
  shape: number[]
  /** Spelled as safetensors spells it: float32, or int64 for counts. */
  dtype: 'F32' | 'I64'
  /** Euclidean norm. */
  norm: number
  /** The values, little-endian and row-major. One tensor is in memory at a time, whatever the size of the model. */
  read: () => Promise<Uint8Array>
}

/** A file in chunks; its length in bytes if it is known beforehand, and of an ONNX model what it takes, each in the shape of one example. */
export type WrittenWeights = {
  length?: number
  chunks: AsyncIterable<string | Uint8Array>
  inputs?: readonly { name: string; shape: readonly number[] }[]
}

const bytesPerValue = { F32: 4, I64: 8 }

/** Bytes of a tensor's values. */
export const byteLengthOf = ({ dtype, shape }: Pick<WeightTensor, 'dtype' | 'shape'>): number => bytesPerValue[dtype] * sizeOf(shape)

/** Little-endian bytes as the numbers they are; without a copy if they lie on a multiple of four. */
export const toFloats = (bytes: Uint8Array): Float32Array => {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes)
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4)
}

/** Numbers as little-endian bytes, without a copy. */
export const toBytes = ({ buffer, byteOffset, byteLength }: Float32Array | BigInt64Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)
