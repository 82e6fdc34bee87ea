/** From stored rows to what an engine trains on: feature groups and labels as flat float32, training and validation apart. */
import type { SyntheticSpec } from '../../src/contracts/catalog/generators.ts'
import type { TrainingData } from '../../src/contracts/engine.ts'
import type { DataPlan, Plan } from '../../src/contracts/plan.ts'
import { createGenerator } from '../../src/features/datasets/generators/generate.ts'
import { isValidationRow } from './split.ts'

type Part = { rows: number; features: Float32Array[]; labels: Float32Array }

const emptyPart = ({ featureColumns, labelColumns }: DataPlan, rows: number): Part => ({
  rows: 0,
  features: featureColumns.map((columns) => new Float32Array(rows * columns.length)),
  labels: new Float32Array(rows * labelColumns.length),
})

/** Appends the wanted columns of the row that starts at `start`. */
const append = (part: Part, { featureColumns, labelColumns }: DataPlan, table: Float32Array, start: number): void => {
  const pick = (columns: readonly number[], into: Float32Array | undefined): void => {
    const at = part.rows * columns.length
    for (let k = 0; into && k < columns.length; k++) into[at + k] = table[start + (columns[k] ?? 0)] ?? Number.NaN
  }
  for (let group = 0; group < featureColumns.length; group++) pick(featureColumns[group] ?? [], part.features[group])
  pick(labelColumns, part.labels)
  part.rows += 1
}

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
      table.set(made.features.subarray(row * features, (row + 1) * features), row * width)
      table[row * width + features] = made.labels[row] ?? Number.NaN
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
