/**
 * NumPy's .npz: a ZIP archive of one .npy file per array, not compressed.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { Zip, ZipPassThrough } from 'fflate'
import type { WeightTensor } from '../weight-tensor.ts'

const numpyTypes = { F32: '<f4', I64: '<i8' }
/** The same bytes every time: the earliest date that ZIP can tell. */
const date = new Date(1980, 0, 1)

/** Magic, version 1.0, length and a Python literal, padded so that the values lie on a multiple of 64. */
export const npyHeader = ({ dtype, shape }: Pick<WeightTensor, 'dtype' | 'shape'>): Uint8Array<ArrayBuffer> => {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const literal = `{'descr': '${numpyTypes[dtype]}', 'fortran_order': False, 'shape': (${sizes}), }`
  const length = Math.ceil((10 + literal.length + 1) / 64) * 64
  const header = new Uint8Array(length).fill(0x20)
  header.set(Buffer.from('\x93NUMPY\x01\x00', 'latin1'))
  header.set([(length - 10) & 0xff, (length - 10) >> 8], 8)
  header.set(Buffer.from(literal), 10)
  header[length - 1] = 0x0a
  return header
}

/** The file in chunks, one tensor at a time. Arrays bear the names of the tensors. */
export async function* toNpz(tensors: readonly WeightTensor[]): AsyncGenerator<Uint8Array> {
  const written: Uint8Array[] = []
  const zip = new Zip((error, chunk) => {
    if (error) throw error
    written.push(chunk)
  })
  for (const tensor of tensors) {
    const file = new ZipPassThrough(`${tensor.name}.npy`)
    file.mtime = date
    zip.add(file)
    file.push(npyHeader(tensor))
    file.push((await tensor.read()) as Uint8Array<ArrayBuffer>, true)
    yield* written.splice(0)
  }
  zip.end()
  yield* written
}
