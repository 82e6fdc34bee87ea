/** From stored rows to what an engine trains on: feature groups and labels as flat float32, training and validation apart. */
import type { SyntheticSpec } from '../../src/catalog/generators.ts'
import type { TrainingData } from '../../src/contracts/engine.ts'
import type { DataPlan, Plan } from '../../src/contracts/plan.ts'
import { createGenerator } from '../../src/features/datasets/generators/generate.ts'
import { isValidationRow } from './split.ts'

type Part = { rows: number; features: Float32Array[]; labels: Float32Array }

/** Takes the rows of a table in order, any number at a time, and gives the data of a plan. */
export const createMaterializer = (plan: Plan, width: number) => {
  const held = isValidationRow(plan)
  const training = emptyPart(plan.data, plan.trainingRows)
  const validation = emptyPart(plan.data, plan.data.validation ? 0 : plan.validationRows)
  let row = 0

  /** Whole rows of the table, row-major. */
  const add = (table: Float32Array): void => {
    for (let start = 0; start < table.length; start += width) {
      append(held(row) ? validation : training, plan.data, table, start)
      row += 1
    }
  }

  /** @throws Error when rows are missing. */
  const finish = (): TrainingData => {
    if (row !== plan.data.rows) throw new Error(`the dataset gave ${row} of its ${plan.data.rows} rows`)
    return validation.rows > 0 ? { ...training, validation } : training
  }

  return { add, finish }
}

export type Materializer = ReturnType<typeof createMaterializer>

/** The plan of a second dataset's rows alone, as if it were a job's only one. */
export const validationPlan = (plan: Plan): Plan => {
  const { validation, ...data } = plan.data
  if (!validation) throw new Error('the job has no dataset for validation')
  return { ...plan, data: { ...data, ...validation }, trainingRows: validation.rows, validationRows: 0 }
}

/** Rows generated at a time. */
const stretch = 16_384

/** Makes all rows of a synthetic table: features first, the label last, as `describeSynthetic` lists its columns. */
export const materializeSynthetic = (plan: Plan, spec: SyntheticSpec): Materializer => {
  const generator = createGenerator(spec)
  const features = generator.featureNames.length
  const width = features + 1
  const materializer = createMaterializer(plan, width)
  for (let from = 0; from < spec.examples; from += stretch) {
    const count = Math.min(stretch, spec.examples - from)
    const made = generator.rows(from, count)
    const table = new Float32Array(count * width)
    for (let row = 0; row < count; row++) {
      for (let k = 0; k < features; k++) table[row * width + k] = made.features[row * features + k] as number
      table[row * width + features] = made.labels[row] as number
    }
    materializer.add(table)
  }
  return materializer
}

/** Packed little-endian float32, as chunks are stored, at any alignment. */
export const unpackFloats = (bytes: Uint8Array): Float32Array =>
  bytes.byteOffset % 4 === 0
    ? new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
    : new Float32Array(Uint8Array.from(bytes).buffer)

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

/** Appends the row that starts at `start`. */
const append = (part: Part, { featureColumns, labelColumns }: DataPlan, table: Float32Array, start: number): void => {
  for (let group = 0; group < featureColumns.length; group++)
    pick(part.features[group] as Float32Array, part.rows, featureColumns[group] as number[], table, start)
  pick(part.labels, part.rows, labelColumns, table, start)
  part.rows += 1
}
