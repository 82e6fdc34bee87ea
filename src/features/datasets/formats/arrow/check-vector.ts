/** Whether a column's buffers hold the cells that it says it has: the library takes what is not there as missing. */
import { type Data, type DataType, Type, type Vector } from 'apache-arrow'
import { UnreadableTable } from '../binary-table.ts'

/** @throws UnreadableTable if they do not */
export const checkVector = (name: string, vector: Vector): void => {
  for (const data of vector.data) checkData(name, data)
}

const checkData = (name: string, data: Data): void => {
  const { length, offset, nullBitmap, nullCount, type } = data
  const end = offset + length
  const isShort = (): never => {
    throw new UnreadableTable(`has a batch of ${length} rows whose bytes of "${name}" end before`)
  }
  if (nullCount > 0 && nullBitmap && 8 * nullBitmap.length < length) isShort()
  const values = data.values as ArrayLike<number> | undefined
  const count = values?.length ?? 0
  if (type.typeId === Type.Utf8 || type.typeId === Type.LargeUtf8)
    checkOffsets(name, data.valueOffsets as ArrayLike<number | bigint>, { from: offset, to: end, bytes: count })
  else if (type.typeId !== Type.Null && bitsOrValues(data, count) < length) isShort()
  if (type.typeId === Type.Dictionary) checkIndexes(name, data as Data<DataType>)
}

/** Cells that there are: of true and false eight a byte, of values of several words as many as are whole. */
const bitsOrValues = ({ type, stride }: Data, count: number): number => (type.typeId === Type.Bool ? 8 * count : count / stride)

const checkOffsets = (
  name: string,
  offsets: ArrayLike<number | bigint>,
  { from, to, bytes }: { from: number; to: number; bytes: number },
): void => {
  if (to === from) return
  let before = 0
  for (let row = from; row <= to; row++) {
    const at = Number(offsets[row] ?? -1)
    if (at < before || at > bytes) throw new UnreadableTable(`has texts of "${name}" that do not lie in their bytes`)
    before = at
  }
}

const checkIndexes = (name: string, data: Data<DataType>): void => {
  const levels = data.dictionary?.length ?? 0
  const values = data.values as ArrayLike<number | bigint>
  for (let row = 0; row < data.length; row++)
    if (!(Number(values[row]) >= 0 && Number(values[row]) < levels) && data.getValid(row))
      throw new UnreadableTable(`has a cell of "${name}" with the number ${values[row]} of ${levels} in its dictionary`)
}
