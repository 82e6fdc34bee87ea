/** Rows of a dataset that an evaluation names, as a trainer's model and loss take them, a slice at a time. */
import type { TrainingData } from '../../src/contracts/engine.ts'
import { Problem } from '../../src/contracts/error-codes.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import type { LearnedStatistics } from '../../src/contracts/training-state.ts'
import { lacks } from '../../src/features/jobs/rows/row-counts.ts'
import type { EvaluationPlan } from '../../src/features/trainers/evaluation-plan.ts'
import { unpackFloats } from '../../src/numerics/unpack-floats.ts'
import { checkLabels } from '../dataset/label-check.ts'
import { recoded } from '../dataset/recoded.ts'
import { createRowMaker } from '../dataset/row-maker.ts'
import { prepareFeatures, prepareLabels } from '../engine/preprocessing/prepare.ts'
import { type Rows, tableOf } from '../engine/step/batches.ts'
import type { DataSource } from '../training/protocol.ts'

/** What is trained: its plan, and what was learned of its own rows, if something was. */
export type Prepared = { plan: Plan; learned: LearnedStatistics | undefined }

/** `path`: where the request names the dataset; `rowsOf` gives stored rows, null after the last. */
type Table = {
  plan: EvaluationPlan
  source: DataSource
  path: string
  rowsOf: (datasetId: string, isFirst: boolean) => Promise<Uint8Array | null>
}

/** Cells that are generated at a time. */
const cellsAtOnce = 2 ** 16

/**
 * Rows without a label are left out.
 * @throws Problem CONFLICT if rows are missing, since the dataset was deleted meanwhile; VALIDATION_FAILED for a label that the loss does not take
 */
export async function* tableSlices(prepared: Prepared, table: Table, size: number): AsyncGenerator<Rows> {
  const { plan: place, path } = table
  const { rowRule, featureColumns, labelColumns, rows } = place
  let slice = emptySlice(place, size)
  let seen = 0
  for await (const { cells, width } of tablesOf(table)) {
    for (let start = 0; start < cells.length; start += width) {
      seen += 1
      if (lacks(rowRule.required, cells, start)) continue
      for (const [group, columns] of featureColumns.entries()) copy(cells, start, columns, slice.features[group], slice.rows)
      copy(cells, start, labelColumns, slice.labels, slice.rows)
      slice.rows += 1
      if (slice.rows < size) continue
      yield prepare(prepared, table, slice)
      slice = emptySlice(place, size)
    }
  }
  if (seen !== rows) throw new Problem('CONFLICT', `${path}: the dataset was deleted meanwhile`, [deleted(path)])
  if (slice.rows > 0) yield prepare(prepared, table, slice)
}

const deleted = (path: string) => ({ path: `${path}/id`, code: 'conflict', message: 'was deleted while it was evaluated' })

async function* tablesOf({ source, plan: { rows }, rowsOf }: Table): AsyncGenerator<{ cells: Float32Array; width: number }> {
  if (source.kind === 'upload') {
    const { datasetId, width, recodes } = source
    for (let bytes = await rowsOf(datasetId, true); bytes; bytes = await rowsOf(datasetId, false))
      yield { cells: recoded(unpackFloats(bytes), width, recodes ?? []), width }
    return
  }
  const { width, make } = createRowMaker(source.spec)
  const atOnce = Math.max(1, Math.floor(cellsAtOnce / width))
  for (let from = 0; from < rows; from += atOnce) {
    yield { cells: make(from, Math.min(atOnce, rows - from)), width }
    // Nothing of this waits for the worker: other trainers have their turn.
    await new Promise(setImmediate)
  }
}

const emptySlice = ({ featureColumns, labelColumns }: EvaluationPlan, rows: number): TrainingData => ({
  rows: 0,
  features: featureColumns.map((columns) => new Float32Array(rows * columns.length)),
  labels: new Float32Array(rows * labelColumns.length),
})

const copy = (cells: Float32Array, start: number, columns: readonly number[], into: Float32Array | undefined, row: number): void => {
  if (into)
    for (let at = 0; at < columns.length; at += 1) into[row * columns.length + at] = cells[start + (columns[at] as number)] as number
}

const prepare = ({ plan, learned }: Prepared, { plan: place, path }: Table, { rows, features, labels }: TrainingData): Rows => {
  const columns = place.labelColumns.length
  const told = labels.subarray(0, rows * columns)
  requireLabels(plan, told, path)
  const groups = features.map((values, group) => values.subarray(0, rows * (place.featureColumns[group]?.length ?? 0)))
  const signed = place.signedLabels ? { data: { ...plan.data, signedLabels: place.signedLabels } } : plan
  return tableOf(plan, {
    rows,
    features: prepareFeatures(plan, learned, groups),
    labels: prepareLabels(signed, learned ?? nothingLearned, told),
  })
}

const nothingLearned: LearnedStatistics = { means: [], stds: [] }

const requireLabels = (plan: Plan, labels: Float32Array, path: string): void => {
  try {
    checkLabels(plan, { rows: 0, features: [], labels })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new Problem('VALIDATION_FAILED', undefined, [{ path, code: 'range', message }])
  }
}
