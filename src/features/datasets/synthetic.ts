/** Synthetic datasets: described from their spec alone, generated only if someone looks at rows. */
import { createHash } from 'node:crypto'
import type { ColumnStatistics, StoredColumn } from '../../api/column.schema.ts'
import type { FilingOptions } from '../../api/upload-options.schema.ts'
import type { SyntheticSpec } from '../../catalog/generators.ts'
import { filingOf, type NewDataset } from './dataset.ts'
import { createGenerator, describeSynthetic } from './generators/generate.ts'
import { createRunningStatistics } from './table/running-statistics.ts'

/** Values generated at a time; between two slices other requests get their turn. */
const sliceCells = 100_000

/** The dataset of a spec, its statistics not yet known. */
export const syntheticDataset = (id: string, tenant: string, spec: SyntheticSpec, filing: FilingOptions = {}): NewDataset => {
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
    format: null,
    notes: [],
    badRows: null,
    missing: null,
    storedBytes: 0,
    ...filingOf(filing),
    contentHash,
  }
}

/** What a thread is asked that makes rows, so that no request waits for those of another. */
export type GeneratorRequest = { spec: SyntheticSpec; positions?: number[] }
/** Rows, flat and row-major, features before the label; or the columns with their statistics. */
export type GeneratorAnswer = { rows: Float32Array } | { columns: StoredColumn[] }

/** The rows at the positions that are asked for, else a description of all rows. */
export const answerGeneratorRequest = async ({ spec, positions }: GeneratorRequest): Promise<GeneratorAnswer> =>
  positions ? { rows: generateRowsAt(spec, positions) } : { columns: await describeGenerated(spec) }

const generateRowsAt = (spec: SyntheticSpec, positions: readonly number[]): Float32Array => {
  const generator = createGenerator(spec)
  const width = generator.featureNames.length + 1
  const table = new Float32Array(width * positions.length)
  for (const [at, position] of positions.entries()) {
    const { features, labels } = generator.rows(position, 1)
    table.set(features, at * width)
    table.set(labels, at * width + width - 1)
  }
  return table
}

/** The columns of a spec with their statistics, from one pass over all rows. */
const describeGenerated = async (spec: SyntheticSpec): Promise<StoredColumn[]> => {
  const { columns, rows } = describeSynthetic(spec)
  const generator = createGenerator(spec)
  const width = columns.length
  const features = width - 1
  const statistics = createRunningStatistics(width)
  const sliceRows = Math.max(1, Math.floor(sliceCells / width))
  for (let from = 0; from < rows; from += sliceRows) {
    const made = generator.rows(from, Math.min(sliceRows, rows - from))
    const count = made.labels.length
    for (let column = 0; column < features; column++) statistics.add(column, made.features, { at: column, step: features, rows: count })
    statistics.add(features, made.labels, { at: 0, step: 1, rows: count })
    await new Promise(setImmediate)
  }
  return columns.map(({ name, role }, column) => {
    const { isWhole, min, max, mean, std } = statistics.of(column)
    return { name, role, type: isWhole ? 'integer' : 'number', min, max, mean, std }
  })
}

/** What a spec says about a column's values before any is made: a label that counts classes is an index. */
const knownOf = ({ role }: Pick<StoredColumn, 'role'>, classes: number | undefined): Partial<ColumnStatistics> =>
  role === 'label' && classes !== undefined ? { type: 'integer', min: 0, max: classes - 1 } : { type: 'number' }
