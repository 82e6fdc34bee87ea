/** The safetensors format: a JSON header that says where each tensor lies, then the values. https://github.com/safetensors/safetensors#format */
import { byteLengthOf, type WeightTensor } from '../weight-tensor.ts'

/** The file in chunks, one tensor at a time, and its length in bytes. */
export const toSafetensors = (
  weights: readonly WeightTensor[],
  metadata: Record<string, string>,
): { length: number; chunks: AsyncIterable<Uint8Array> } => {
  // The widest type first, so that every tensor lies on a multiple of its own size.
  const tensors = weights.toSorted((one, other) => other.dtype.localeCompare(one.dtype))
  const header = headerOf(tensors, metadata)
  async function* write(): AsyncGenerator<Uint8Array> {
    yield header
    for (const tensor of tensors) yield await tensor.read()
  }
  return { length: tensors.reduce((sum, tensor) => sum + byteLengthOf(tensor), header.length), chunks: write() }
}

/** Eight bytes of length and the header, padded with spaces so that the values lie on a multiple of eight. */
const headerOf = (tensors: readonly WeightTensor[], metadata: Record<string, string>): Uint8Array => {
  let at = 0
  const entries = tensors.map((tensor) => {
    const { name, dtype, shape } = tensor
    const start = at
    at += byteLengthOf(tensor)
    return [name, { dtype, shape, data_offsets: [start, at] }]
  })
  const json = Buffer.from(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }))
  const length = Math.ceil(json.length / 8) * 8
  const header = Buffer.alloc(8 + length, ' ')
  header.writeBigUInt64LE(BigInt(length))
  header.set(json, 8)
  return header
}
