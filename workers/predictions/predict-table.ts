/** A trained model over a table that comes a piece at a time: its outputs, and what loss and metrics are over all of them. */
import { type JsonNumber, toJsonNumber } from '../../src/api/numbers.ts'
import { createConfusion } from '../../src/catalog/confusion.ts'
import { decisionOf } from '../../src/catalog/decision.ts'
import type { LayerOps } from '../../src/catalog/layers/layer-ops.ts'
import { trainingLossTotals } from '../../src/catalog/losses/all-losses.ts'
import { createMetrics } from '../../src/catalog/metrics.ts'
import type { Operand, Tensor } from '../../src/catalog/ops.ts'
import { rowsPerEvaluationBatch } from '../../src/contracts/evaluation-batches.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import { lastOf } from '../../src/numerics/must.ts'
import { sizeOf } from '../../src/numerics/shape.ts'
import { checkLabels } from '../dataset/label-check.ts'
import { withClassWeights } from '../engine/preprocessing/class-weights.ts'
import { prepareFeatures, prepareLabels, restoreOutputs } from '../engine/preprocessing/prepare.ts'
import { measuredLoss } from '../engine/step/counted.ts'
import { outputsOf, weightsCheck } from '../engine/step/evaluation.ts'
import { type Tf, unwrap } from '../engine/step/tape.ts'
import { lossFactor } from '../engine/wrappers/reported-units.ts'
import { disposeModel, openModel } from '../inference/predict.ts'
import type { Trained } from '../inference/protocol.ts'

/** @param sums what `sums` gave of the rows before */
export const createTablePredictor = ({ tf, ops }: { tf: Tf; ops: LayerOps }, trained: Trained, sums: Uint8Array | null) => {
  const model = openModel(tf, trained)
  const { plan, tensors, learned } = model
  const { featureColumns, labelColumns } = predictedColumns(plan)
  const measure = labelColumns.length > 0 ? createMeasure(plan, learned, sums) : undefined
  const areFinite = tf.tidy(() => Number.isFinite(numberOf(weightsCheck(ops, { parameters: tensors }))))

  /** Outputs of so many rows for each group of features that is prepared; labels are measured by. */
  const predictBatch = (count: number, features: Float32Array[], labels: Float32Array | undefined): Float32Array[] =>
    tf.tidy(() => {
      const inputs = features.map((group) => tf.tensor(group, [count, ...plan.data.inputShape]))
      const outputs = outputsOf(ops, plan, { parameters: tensors, buffers: tensors }, inputs)
      const read = outputs.map((output) => unwrap(output).dataSync<'float32'>())
      if (labels)
        measure?.add(ops, outputs, tf.tensor(labels, [count, ...plan.data.labelShape]), { outputs: read[0] ?? new Float32Array(), labels })
      return learned ? read.map((values) => restoreOutputs(learned, values)) : read
    })

  /** Outputs of each row of some whole rows of so many columns, in the units of the labels. */
  const predict = (table: Float32Array, width: number): Float32Array => {
    const rows = table.length / width
    const features = prepareFeatures(
      plan,
      learned,
      featureColumns.map((columns) => pick(table, width, columns)),
    )
    const labels = measure?.prepare(pick(table, width, labelColumns))
    const [perRow, perLabel, perOutput] = [plan.data.inputShape, plan.data.labelShape, plan.outputShape].map(sizeOf) as [
      number,
      number,
      number,
    ]
    const values = new Float32Array(rows * features.length * perOutput)
    const size = rowsPerEvaluationBatch(plan)
    for (let from = 0; from < rows; from += size) {
      const to = Math.min(from + size, rows)
      const groups = features.map((group) => group.subarray(from * perRow, to * perRow))
      const told = predictBatch(to - from, groups, labels?.subarray(from * perLabel, to * perLabel))
      interleave(told, perOutput, values.subarray(from * told.length * perOutput))
    }
    return values
  }

  return {
    predict,
    sums: (): Uint8Array | null => measure?.sums() ?? null,
    result: () => measure?.result(areFinite) ?? { metrics: null, confusion: null },
    dispose: () => disposeModel(tf, model),
  }
}

export type TablePredictor = ReturnType<typeof createTablePredictor>

/** The columns of the table. */
const predictedColumns = ({ data: { validation } }: Plan) => {
  if (!validation) throw new Error('the plan has no dataset to predict for')
  return validation
}

/** Loss, metrics and confusion matrix, as the epochs of the job tell them; all of it lies in sums that can be kept. */
const createMeasure = (plan: Plan, learned: ReturnType<typeof openModel>['learned'], sums: Uint8Array | null) => {
  const { config, data, outputShape } = plan
  const units = learned?.labels ?? undefined
  const { loss } = withClassWeights(plan, learned?.classWeights).config
  const kept = sums ? new Float64Array(Uint8Array.from(sums).buffer) : undefined
  let [total = 0, divisor = 0] = kept ?? []
  const columns = lastOf(outputShape)
  const metrics = createMetrics(config.metrics, { loss: config.loss, columns, ...(units ? { units } : {}) }, kept?.subarray(2))
  const metricSums = metrics.sums().length
  const decision = decisionOf(config.loss)
  const isOfRows = decision && outputShape.length === 1 && sizeOf(data.labelShape) === 1
  const confusion = isOfRows ? createConfusion(sizeOf(outputShape), decision, kept?.subarray(2 + metricSums)) : undefined

  return {
    /** Labels as the model is trained on them. @throws if one is no class */
    prepare: (labels: Float32Array): Float32Array => {
      checkLabels(plan, { rows: 0, features: [], labels })
      return learned ? prepareLabels(plan, learned, labels) : labels
    },
    add: (ops: LayerOps, outputs: Tensor[], labels: Tensor, read: { outputs: Float32Array; labels: Float32Array }): void => {
      const part = trainingLossTotals(ops, loss, outputs, labels)
      total += numberOf(part.total)
      divisor += numberOf(part.divisor)
      metrics.add(read)
      confusion?.add(read)
    },
    sums: (): Uint8Array => {
      const counts = confusion?.counts().flat() ?? []
      const packed = new Float64Array(2 + metricSums + counts.length)
      packed.set([total, divisor])
      packed.set(metrics.sums(), 2)
      packed.set(counts, 2 + metricSums)
      return new Uint8Array(packed.buffer)
    },
    result: (areFinite: boolean): { metrics: Record<string, JsonNumber>; confusion: number[][] | null } => {
      const measured = areFinite ? measuredLoss(plan, total, divisor).loss : Number.NaN
      const told = { loss: measured * (lossFactor(plan, units) ?? 1), ...metrics.values() }
      return {
        metrics: Object.fromEntries(Object.entries(told).map(([name, value]) => [name, toJsonNumber(value)])),
        confusion: confusion?.counts() ?? null,
      }
    },
  }
}

/** The outputs of a row for one group after the other, row by row. */
const interleave = (groups: readonly Float32Array[], size: number, into: Float32Array): void => {
  for (const [at, values] of groups.entries())
    for (let from = 0; from < values.length; from += size) into.set(values.subarray(from, from + size), from * groups.length + at * size)
}

/** Some columns of whole rows, row-major. */
const pick = (table: Float32Array, width: number, columns: readonly number[]): Float32Array => {
  const rows = table.length / width
  const picked = new Float32Array(rows * columns.length)
  for (let row = 0, to = 0; row < rows; row += 1) for (const column of columns) picked[to++] = table[row * width + column] as number
  return picked
}

const numberOf = (value: Operand): number => (typeof value === 'number' ? value : (unwrap(value as Tensor).dataSync()[0] ?? Number.NaN))
