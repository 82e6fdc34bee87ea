/** What the columns of a Parquet file hold, and which of them a table can have. */
import type { FileMetaData, ParquetParsers, SchemaElement, SchemaTree } from 'hyparquet'
import type { DatasetNote } from '../../../../api/dataset.schema.ts'
import type { ColumnDeclaration } from '../../../../api/upload-options.schema.ts'

/** How cells are told: as values, as days since 1970, or as numbers of a certain size. */
export type ParquetColumn = { name: string; declared?: ColumnDeclaration; isMoment: boolean }

/** Columns that are left out, and why; the others with what they are. */
export const columnsOf = (tree: SchemaTree, metadata: FileMetaData): { columns: ParquetColumn[]; notes: DatasetNote[] } => {
  const columns: ParquetColumn[] = []
  const notes: DatasetNote[] = []
  const indexes = pandasIndexes(metadata)
  for (const { element, children } of tree.children) {
    const { name } = element
    const reason = children.length > 0 || element.repetition_type === 'REPEATED' ? 'holds lists or records' : reasonToLeaveOut(element)
    if (reason !== undefined) notes.push({ column: name, message: `${reason}, which are no cells: left out` })
    else columns.push({ name, ...kindOf(element), ...(indexes.has(name) ? { declared: 'ignore' as const } : {}) })
    if (isTime(element)) notes.push({ column: name, message: 'holds times of a day: read as seconds' })
  }
  return { columns, notes }
}

/** How many of a time's units make a second; 1 for any other column. */
export const perSecond = (element: SchemaElement): number => {
  if (!isTime(element)) return 1
  const unit =
    element.logical_type?.type === 'TIME' ? element.logical_type.unit : element.converted_type === 'TIME_MILLIS' ? 'MILLIS' : 'MICROS'
  return unit === 'MILLIS' ? 1e3 : unit === 'MICROS' ? 1e6 : 1e9
}

const dayMs = 86_400_000
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Bytes as text; what is no text becomes a NUL, which no database holds and the builder refuses. */
const toText = (bytes: Uint8Array | undefined): string | undefined => {
  if (!bytes) return undefined
  try {
    return utf8.decode(bytes)
  } catch {
    return '\0'
  }
}

/** Moments as days, with what a double can hold of their fractions; documents as they are written. */
export const parsers: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (value: bigint) => Number(value) / dayMs,
  timestampFromMicroseconds: (value: bigint) => Number(value) / (1e3 * dayMs),
  timestampFromNanoseconds: (value: bigint) => Number(value / 1000n) / (1e3 * dayMs),
  dateFromDays: (days: number) => days,
  stringFromBytes: toText,
  jsonFromBytes: toText,
}

const logical = ({ logical_type }: SchemaElement): string | undefined => logical_type?.type

const reasonToLeaveOut = (element: SchemaElement): string | undefined => {
  const { type, converted_type: converted } = element
  if (converted === 'BSON') return 'holds BSON documents'
  if (converted === 'INTERVAL') return 'holds intervals'
  if (['GEOMETRY', 'GEOGRAPHY', 'VARIANT'].includes(logical(element) ?? '')) return `holds values of the type ${logical(element)}`
  const isNumber = converted === 'DECIMAL' || ['DECIMAL', 'FLOAT16', 'UUID'].includes(logical(element) ?? '')
  return type === 'FIXED_LEN_BYTE_ARRAY' && !isNumber ? 'holds bytes' : undefined
}

const isTime = (element: SchemaElement): boolean =>
  logical(element) === 'TIME' || element.converted_type === 'TIME_MILLIS' || element.converted_type === 'TIME_MICROS'

const kindOf = (element: SchemaElement): { declared?: ColumnDeclaration; isMoment: boolean } => {
  const { type, converted_type: converted } = element
  if (converted === 'DATE' || logical(element) === 'DATE') return { declared: 'date', isMoment: true }
  const isStamp = converted?.startsWith('TIMESTAMP') || logical(element) === 'TIMESTAMP' || type === 'INT96'
  if (isStamp) return { declared: 'datetime', isMoment: true }
  if (type === 'BOOLEAN') return { declared: 'boolean', isMoment: false }
  return { isMoment: false }
}

/** Columns that pandas made of an index without a name. */
const pandasIndexes = ({ key_value_metadata: pairs = [] }: FileMetaData): Set<string> => {
  const written = pairs.find(({ key }) => key === 'pandas')?.value
  return new Set(written?.match(/__index_level_\d+__/g) ?? [])
}
