/** Reads the safetensors format: a JSON header that says where each tensor lies, then the values. https://github.com/safetensors/safetensors#format */
import { TrainyardError } from '../errors.ts'

/** Values are flat, row-major; whole numbers of 64 bits, as `num_batches_tracked` of PyTorch, are bigints. */
export type Tensor<Values = Float32Array | Float64Array | BigInt64Array> = { shape: number[]; values: Values }

export type Tensors = {
  /** By name, such as `layers.0.weight`, in the order of the file. */
  tensors: Record<string, Tensor>
  metadata: Record<string, string>
}

const types = { F32: Float32Array, F64: Float64Array, I64: BigInt64Array } as const

/** @throws TrainyardError for bytes that are no such file */
export const readSafetensors = (bytes: Uint8Array<ArrayBuffer>): Tensors => {
  if (bytes.byteLength < 8) throw broken()
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true))
  if (length > bytes.byteLength - 8) throw broken()
  const { __metadata__: metadata = {}, ...entries } = parseHeader(bytes.subarray(8, 8 + length))
  const values = bytes.subarray(8 + length)
  const tensors = Object.entries(entries as Record<string, Entry>).map(([name, entry]) => [name, toTensor(name, entry, values)] as const)
  return { tensors: Object.fromEntries(tensors), metadata: metadata as Record<string, string> }
}

type Entry = { dtype: string; shape: number[]; data_offsets: [number, number] }

const toTensor = (name: string, { dtype, shape, data_offsets: [start, end] }: Entry, values: Uint8Array<ArrayBuffer>): Tensor => {
  const Type = types[dtype as keyof typeof types]
  if (!Type) throw new TrainyardError(`${name} is of the type ${dtype}, which is not known here`)
  const size = shape.reduce((product, axis) => product * axis, 1) * Type.BYTES_PER_ELEMENT
  if (end - start !== size || start < 0 || end > values.byteLength) throw broken()
  // A copy, since a typed array must begin at a multiple of its element's size.
  return { shape, values: new Type(values.slice(start, end).buffer) }
}

const parseHeader = (bytes: Uint8Array): Record<string, unknown> => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (error) {
    throw broken(error)
  }
}

const broken = (cause?: unknown): TrainyardError => new TrainyardError('These bytes are no whole safetensors file', { cause })
