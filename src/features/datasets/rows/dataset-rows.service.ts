/** Looking into datasets: rows as they were uploaded, mini-batches, and how columns go with a label. */
import type { Batch, Correlation, Correlations, DatasetRows } from '../../../api/dataset-rows.schema.ts'
import { maxAnswerCells, maxBatchCells, maxCorrelatedRows } from '../../../api/dataset-rows.schema.ts'
import type { JsonText } from '../../../api/write-json.ts'
import { Problem } from '../../../contracts/error-codes.ts'
import { shown } from '../../../validation/validation-errors.ts'
import { sampleRows } from '../sample-rows.ts'
import type { GeneratorAnswer, GeneratorRequest } from '../synthetic.ts'
import type { RowBlock } from './cell-json.ts'
import { correlationsWith } from './correlations.ts'
import type { Level, RowLayout, RowRepository } from './row.repository.ts'
import { rowsWithin, rowTexts } from './row-texts.ts'

type Collaborators = {
  rows: RowRepository
  /** Makes rows of synthetic tables elsewhere than on the event loop. */
  generator: { ask: (question: GeneratorRequest) => Promise<GeneratorAnswer> }
}

/** Characters of the rows of one answer; a single row may have more. */
const maxCharacters = 32 * 1024 * 1024

export const createDatasetRowsService = ({ rows, generator }: Collaborators) => {
  /** Rows from a position on, in stored order, as many as one answer holds. */
  const list = async (tenant: string, id: string, { offset, limit }: { offset: number; limit: number }): Promise<ShownRows> => {
    const layout = await find(tenant, id)
    const width = layout.names.length
    const most = Math.min(limit, Math.max(0, layout.rows - offset), Math.max(1, Math.floor(maxAnswerCells / width)))
    const block = await readBlock(
      layout,
      Array.from({ length: most }, (_, at) => offset + at),
    )
    const count = rowsWithin(block, most, maxCharacters)
    const next = offset + count
    return { data: rowTexts(block, count), offset, total: layout.rows, nextOffset: next < layout.rows && count > 0 ? next : null }
  }

  /**
   * One shuffled mini-batch, its rows made text while they are sent; all rows if there are fewer than `batchSize`.
   * @throws Problem VALIDATION_FAILED if it would have more values than a mini-batch may have
   */
  const batch = async (tenant: string, id: string, { batchSize, seed }: { batchSize: number; seed: number }): Promise<ShownBatch> => {
    const layout = await find(tenant, id)
    const width = layout.names.length
    const size = Math.min(batchSize, layout.rows)
    if (size * width > maxBatchCells) throw tooManyCells(batchSize, width)
    const block = await readBlock(layout, sampleRows(layout.rows, size, seed))
    const { features, labels } = columnsOf(layout)
    const name = (at: number): string => layout.names[at] ?? ''
    const isShown = size * width <= maxAnswerCells && rowsWithin(block, size, maxCharacters) === size
    return {
      features: pickRows(block, features),
      labels: pickRows(block, labels),
      featureNames: features.map(name),
      labelNames: labels.map(name),
      rows: isShown ? rowTexts(block, size) : null,
      seed,
    }
  }

  /**
   * How each column goes with a label, from as many rows as may be looked at.
   * @throws Problem VALIDATION_FAILED if there is no such column, or none is named and the upload named none
   */
  const correlations = async (tenant: string, id: string, label?: string): Promise<ShownCorrelations> => {
    const layout = await find(tenant, id)
    const at = label === undefined ? layout.roles.indexOf('label') : layout.names.indexOf(label)
    const name = layout.names[at]
    if (name === undefined) throw noLabel(label)
    const count = Math.min(layout.rows, maxCorrelatedRows, Math.max(1, Math.floor(maxBatchCells / layout.names.length)))
    const positions = Array.from({ length: count }, (_, row) => Math.floor((row * layout.rows) / count))
    const [values, wide] = await readCells(layout, positions)
    return { label: name, rows: count, total: layout.rows, data: correlationsWith({ layout, values, wide }, at) }
  }

  const find = async (tenant: string, id: string): Promise<RowLayout> => {
    const layout = await rows.findLayout(tenant, id)
    if (!layout) throw new Problem('NOT_FOUND', `There is no dataset ${id}`)
    return layout
  }

  const readValues = async ({ id, spec, names }: RowLayout, positions: number[]): Promise<Float32Array> => {
    if (!spec) return rows.readValues(id, names.length, positions)
    const answer = await generator.ask({ spec, positions })
    return 'rows' in answer ? answer.rows : new Float32Array()
  }

  /** The cells of these rows, and the exact values of their wide columns. */
  const readCells = (layout: RowLayout, positions: number[]): Promise<[Float32Array, Float64Array]> => {
    const wide = layout.rich.filter((column) => column.wide).length
    return Promise.all([readValues(layout, positions), wide > 0 ? rows.readWide(layout.id, wide, positions) : new Float64Array()])
  }

  /** All that is needed to write these rows, in the order of the positions. */
  const readBlock = async (layout: RowLayout, positions: number[]): Promise<RowBlock> => {
    if (positions.length === 0) return { layout, values: new Float32Array(), wide: new Float64Array(), texts: new Map() }
    const [values, wide] = await readCells(layout, positions)
    const { columns, codes } = codesOf(layout, values)
    return { layout, values, wide, texts: byColumn(columns.length > 0 ? await rows.readLevels(layout.id, columns, codes) : []) }
  }

  return { list, batch, correlations }
}

export type DatasetRowsService = ReturnType<typeof createDatasetRowsService>

/** Rows on their way out. */
type ShownRows = Omit<DatasetRows, 'data'> & { data: AsyncIterable<JsonText> }
type ShownBatch = Omit<Batch, 'features' | 'labels' | 'rows'> &
  Record<'features' | 'labels', AsyncIterable<(number | null)[]>> & { rows: AsyncIterable<JsonText> | null }

type ShownCorrelations = Omit<Correlations, 'data'> & { data: AsyncIterable<Correlation> }

/** The codes that occur in columns of text, each once, beside its column. */
const codesOf = ({ names, rich }: RowLayout, values: Float32Array): { columns: number[]; codes: number[] } => {
  const columns: number[] = []
  const codes: number[] = []
  for (const { at, type } of rich) {
    if (type !== 'category' && type !== 'text') continue
    const found = new Set<number>()
    for (let cell = at; cell < values.length; cell += names.length) found.add(values[cell] as number)
    for (const code of found) {
      if (Number.isNaN(code)) continue
      columns.push(at)
      codes.push(code)
    }
  }
  return { columns, codes }
}

const byColumn = (levels: readonly Level[]): Map<number, Map<number, string>> => {
  const texts = new Map<number, Map<number, string>>()
  for (const { column, code, value } of levels) {
    const known = texts.get(column)
    if (known) known.set(code, value)
    else texts.set(column, new Map([[code, value]]))
  }
  return texts
}

/** Positions of features and labels. If the upload named no features, every column that is neither a label nor ignored is one. */
const columnsOf = ({ roles }: RowLayout): { features: number[]; labels: number[] } => {
  const withRole = (wanted: (typeof roles)[number]): number[] => roles.flatMap((role, at) => (role === wanted ? [at] : []))
  const features = withRole('feature')
  return { features: features.length > 0 ? features : withRole(null), labels: withRole('label') }
}

/** These columns of each row, missing values as null. */
async function* pickRows({ layout: { names }, values }: RowBlock, columns: readonly number[]): AsyncGenerator<(number | null)[]> {
  for (let at = 0; at < values.length; at += names.length)
    yield columns.map((column) => {
      const value = values[at + column] as number
      return Number.isNaN(value) ? null : value
    })
}

const tooManyCells = (batchSize: number, width: number): Problem => {
  const most = Math.floor(maxBatchCells / width)
  const message = `makes more than ${maxBatchCells} values of ${width} columns: at most ${most}`
  return new Problem('VALIDATION_FAILED', undefined, [{ path: '/batchSize', code: 'too_large', message, value: batchSize }])
}

const noLabel = (label: string | undefined): Problem =>
  new Problem('VALIDATION_FAILED', undefined, [
    label === undefined
      ? { path: '/label', code: 'required', message: 'must name a column: the upload did not say which are labels' }
      : { path: '/label', code: 'unknown_column', message: 'is not a column of this dataset', ...shown(label) },
  ])
