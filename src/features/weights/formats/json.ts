/** Weights as JSON: the text of a large tensor fits into no string, so its values are read and written as the client takes them. */
import { type JsonNumber, toJsonNumber } from '../../../api/numbers.ts'
import { toJsonPieces } from '../../../api/write-json.ts'
import { normOf } from '../../../numerics/statistics.ts'
import { toFloats, type WeightTensor } from '../weight-tensor.ts'

/** The text of `{...about, parameters: [...]}`. */
export const toJson = (tensors: readonly WeightTensor[], about: Record<string, unknown>): AsyncGenerator<string> =>
  toJsonPieces({ ...about, parameters: parametersOf(tensors) })

type Written = { name: string; shape: readonly number[]; values: Float32Array | number[]; norm: JsonNumber }

async function* parametersOf(tensors: readonly WeightTensor[]): AsyncGenerator<Written> {
  for (const tensor of tensors) {
    const { name, shape, norm } = tensor
    const values = await numbersOf(tensor)
    // Not known of weights out of a checkpoint of an older version.
    yield { name, shape, values, norm: toJsonNumber(Number.isNaN(norm) ? normOf(values) : norm) }
  }
}

const numbersOf = async ({ dtype, read }: WeightTensor): Promise<Float32Array | number[]> => {
  const bytes = await read()
  if (dtype === 'F32') return toFloats(bytes)
  return Array.from(new BigInt64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8), Number)
}
