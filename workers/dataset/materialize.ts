/** From stored rows to what an engine trains on: feature groups and labels as flat float32, training and validation apart. */
import type { SyntheticSpec } from '../../src/catalog/generators.ts'
import type { TrainingData } from '../../src/contracts/engine.ts'
import type { DataPlan, Plan } from '../../src/contracts/plan.ts'
import { heldRows } from '../../src/features/jobs/rows/held-rows.ts'
import { keyColumnOf, lacks } from '../../src/features/jobs/rows/row-counts.ts'
import { type Recode, recoded } from './recoded.ts'
import { createRowMaker } from './row-maker.ts'

type Part = { rows: number; features: Float32Array[]; labels: Float32Array }

/**
 * Takes the rows of a table in order, any number at a time, and gives the data of a plan. Rows that lack what they must have are
 * left out; which of the others are held back may depend on all of them, so they are divided at the end.
 */
export const createMaterializer = (plan: Plan, width: number, recodes: readonly Recode[] = []) => {
  const { data, trainingRows } = plan
  const { rowRule } = data
  const kept = emptyPart(data, trainingRows + (data.validation ? 0 : plan.validationRows))
  const keyColumn = keyColumnOf(rowRule)
  const keys = keyColumn === undefined ? undefined : new Float32Array(kept.labels.length / data.labelColumns.length)
  let rows = 0

  /** Whole rows of the table, row-major. */
  const add = (given: Float32Array): void => {
    const table = recoded(given, width, recodes)
    for (let start = 0; start < table.length; start += width) {
      rows += 1
      if (lacks(rowRule.required, table, start)) continue
      if (keys && keyColumn !== undefined) keys[kept.rows] = table[start + keyColumn] as number
      append(kept, data, table, start)
    }
  }

  /** @throws Error if rows are missing, or if other rows are kept than were planned */
  const finish = (): TrainingData => {
    if (rows !== data.rows) throw new Error(`the dataset gave ${rows} of its ${data.rows} rows`)
    const planned = trainingRows + (data.validation ? 0 : plan.validationRows)
    if (kept.rows !== planned) throw new Error(`${kept.rows} rows of the dataset are kept; the plan has ${planned}`)
    const held = heldRows(rowRule, kept.rows, keys)
    const heldCount = held.reduce((sum, one) => sum + one, 0)
    if (heldCount !== kept.rows - trainingRows) throw new Error(`${heldCount} rows are held back; the plan has ${kept.rows - trainingRows}`)
    return heldCount > 0 ? divide(data, kept, held, heldCount) : kept
  }

  return { add, finish }
}

export type Materializer = ReturnType<typeof createMaterializer>

/** The plan of a second dataset's rows alone, as if it were a job's only one. */
export const validationPlan = (plan: Plan): Plan => {
  const { validation, ...data } = plan.data
  if (!validation) throw new Error('the job has no dataset for validation')
  return { ...plan, data: { ...data, ...validation }, trainingRows: plan.validationRows, validationRows: 0 }
}

/** Rows generated at a time. */
const stretch = 16_384

/** Makes all rows of a synthetic table: features first, the label last, as `describeSynthetic` lists its columns. */
export const materializeSynthetic = (plan: Plan, spec: SyntheticSpec): Materializer => {
  const { width, make } = createRowMaker(spec)
  const materializer = createMaterializer(plan, width)
  for (let from = 0; from < spec.examples; from += stretch) materializer.add(make(from, Math.min(stretch, spec.examples - from)))
  return materializer
}

const emptyPart = ({ featureColumns, labelColumns }: DataPlan, rows: number): Part => ({
  rows: 0,
  features: featureColumns.map((columns) => new Float32Array(rows * columns.length)),
  labels: new Float32Array(rows * labelColumns.length),
})

/** Copies the wanted columns of the row that starts at `start` behind the rows that `into` holds already. */
const pick = (into: Float32Array, row: number, columns: readonly number[], table: Float32Array, start: number): void => {
  const width = columns.length
  const at = row * width
  for (let k = 0; k < width; k++) into[at + k] = table[start + (columns[k] as number)] as number
}

/** Appends the row that starts at `start`; rows beyond those planned are only counted. */
const append = (part: Part, { featureColumns, labelColumns }: DataPlan, table: Float32Array, start: number): void => {
  for (let group = 0; group < featureColumns.length; group++)
    pick(part.features[group] as Float32Array, part.rows, featureColumns[group] as number[], table, start)
  pick(part.labels, part.rows, labelColumns, table, start)
  part.rows += 1
}

/** Training rows move up in their own arrays, in order, so that a large table is not held twice; those held back get their own. */
const divide = (data: DataPlan, kept: Part, held: Uint8Array, heldCount: number): TrainingData => {
  const validation = emptyPart(data, heldCount)
  const training = kept.rows - heldCount
  const move = (values: Float32Array, into: Float32Array, width: number): Float32Array => {
    let [to, toHeld] = [0, 0]
    for (let row = 0; row < kept.rows; row++) {
      const isHeld = held[row] === 1
      const target = isHeld ? into : values
      const at = (isHeld ? toHeld++ : to++) * width
      for (let k = 0; k < width; k++) target[at + k] = values[row * width + k] as number
    }
    return values.subarray(0, training * width)
  }
  const features = kept.features.map((values, group) =>
    move(values, validation.features[group] as Float32Array, data.featureColumns[group]?.length ?? 0),
  )
  const labels = move(kept.labels, validation.labels, data.labelColumns.length)
  return { rows: training, features, labels, validation: { ...validation, rows: heldCount } }
}
