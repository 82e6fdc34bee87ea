/** Weights as JSON, written piece by piece: the text of a large tensor fits into no string. */
import { setImmediate as turn } from 'node:timers/promises'
import { toJsonNumber, toJsonNumbers } from '../../../api/numbers.ts'
import type { Weights } from '../../../api/tensors.schema.ts'
import { normOf } from '../../../numerics/statistics.ts'
import { toFloats, type WeightTensor } from '../weight-tensor.ts'

/** Numbers that are made text at a time. */
const valuesPerPiece = 8192

const numbersOf = async ({ dtype, read }: WeightTensor): Promise<ArrayLike<number>> => {
  const bytes = await read()
  if (dtype === 'F32') return toFloats(bytes)
  return Array.from(new BigInt64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8), Number)
}

/** The text of `{...about, parameters: [...]}`. */
export async function* toJson(tensors: readonly WeightTensor[], about: Omit<Weights, 'parameters'>): AsyncGenerator<string> {
  yield `${JSON.stringify(about).slice(0, -1)},"parameters":[`
  for (const [at, tensor] of tensors.entries()) {
    const { name, shape, norm } = tensor
    yield `${at > 0 ? ',' : ''}${JSON.stringify({ name, shape }).slice(0, -1)},"values":[`
    const values = await numbersOf(tensor)
    for (let from = 0; from < values.length; from += valuesPerPiece) {
      const piece = Array.prototype.slice.call(values, from, from + valuesPerPiece) as number[]
      yield (from > 0 ? ',' : '') + JSON.stringify(toJsonNumbers(piece)).slice(1, -1)
      // A client on a fast line takes pieces without ever making us wait, and other requests would until the last of them.
      await turn()
    }
    // Not known of weights out of a checkpoint of an older version.
    yield `],"norm":${JSON.stringify(toJsonNumber(Number.isNaN(norm) ? normOf(values) : norm))}}`
  }
  yield ']}'
}
