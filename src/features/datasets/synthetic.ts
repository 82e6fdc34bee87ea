/** Synthetic datasets: described from their spec alone, generated only where someone looks at rows. */
import { createHash } from 'node:crypto'
import type { SyntheticSpec } from '../../contracts/catalog/generators.ts'
import type { ColumnStatistics, StoredColumn } from '../../contracts/dataset.ts'
import type { NewDataset } from './dataset.ts'
import { createGenerator, describeSynthetic } from './generators/generate.ts'
import { createTableWriter } from './table-writer.ts'

/** Rows generated at a time; between two slices other requests get their turn. */
const sliceRows = 4096

/** The dataset of a spec, its statistics not yet known. */
export const syntheticDataset = (id: string, tenant: string, spec: SyntheticSpec): NewDataset => {
  const { columns, rows, classes } = describeSynthetic(spec)
  const contentHash = createHash('sha256').update(JSON.stringify(spec)).digest('hex')
  return {
    id,
    tenant,
    kind: 'synthetic',
    spec,
    columns: columns.map((column) => ({ ...column, ...knownOf(column, classes) })),
    rows,
    inputShape: [],
    csv: null,
    contentHash,
  }
}

/** What a spec says about a column's values before any is made: a label that counts classes is an index. */
const knownOf = ({ role }: Pick<StoredColumn, 'role'>, classes: number | undefined): Partial<ColumnStatistics> =>
  role === 'label' && classes !== undefined ? { type: 'integer', min: 0, max: classes - 1 } : { type: 'number' }

/** A row of a generated table: features, then the label. */
export type GeneratedTableRow = number[]

/** The rows at these positions. */
export const generateRowsAt = (spec: SyntheticSpec, positions: readonly number[]): GeneratedTableRow[] => {
  const generator = createGenerator(spec)
  return positions.map((position) => {
    const { features, labels } = generator.rows(position, 1)
    return [...features, ...labels]
  })
}

/** The columns of a spec with their statistics, from one pass over all rows. */
export const describeGenerated = async (spec: SyntheticSpec) => {
  const { columns, rows } = describeSynthetic(spec)
  const generator = createGenerator(spec)
  const names = columns.map(({ name }) => name)
  const width = names.length
  const writer = createTableWriter({ names, emit: () => {} })
  for (let from = 0; from < rows; from += sliceRows) {
    const count = Math.min(sliceRows, rows - from)
    const { features, labels } = generator.rows(from, count)
    for (let row = 0; row < count; row++)
      writer.add([...features.subarray(row * (width - 1), (row + 1) * (width - 1)), ...labels.subarray(row, row + 1)])
    await new Promise(setImmediate)
  }
  const described = writer.finish({}).columns
  return described.map((column, at) => ({ ...column, role: columns[at]?.role ?? null }))
}
