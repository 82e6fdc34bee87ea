/** Loss and metrics over a table in evaluation mode, some rows at a time, so that other trainers get their turn in between. */
import type { LayerOps } from '../../../src/catalog/layers/layer-ops.ts'
import { trainingLossTotals } from '../../../src/catalog/losses/all-losses.ts'
import { createMetrics, type MetricType } from '../../../src/catalog/metrics.ts'
import { rowsPerEvaluationBatch } from '../../../src/contracts/evaluation-batches.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { lastOf, must } from '../../../src/numerics/must.ts'
import { sizeOf } from '../../../src/numerics/shape.ts'
import { type Rows, sliceRows } from '../step/batches.ts'
import { measuredLoss } from '../step/counted.ts'
import { outputsOf, toNumber, weightsCheck } from '../step/evaluation.ts'
import type { TrainingTensors } from '../step/step.ts'
import { type Tf, unwrap } from '../step/tape.ts'
import type { Turn } from './turn.ts'

/** Multiplications for one slice: some milliseconds of a backend's work. */
const maxProducts = 2 ** 24
/** Values that the widest layer may hold for one slice. */
const maxValues = 2 ** 20

type Parts = { tf: Tf; ops: LayerOps; plan: Plan; turn: Pick<Turn, 'breathe'> }

/** Gives the rows of a table in slices of so many, the last one smaller. */
export type Slices = (size: number) => Iterable<Rows> | AsyncIterable<Rows>

/**
 * Evaluates with these tensors, which stay the caller's. The same table gives the same numbers, whoever waits meanwhile; a loss that
 * fits into one slice has the bits of a job's.
 * @throws Error if the trainer was closed in between, and what the slices throw
 */
export const evaluateRows = async (
  { tf, ops, plan, turn }: Parts,
  tensors: TrainingTensors,
  slicesOf: Slices,
  wanted: readonly MetricType[],
): Promise<{ loss: number; metrics: Record<string, number> }> => {
  const { loss } = plan.config
  const metrics = createMetrics(wanted, { loss, columns: lastOf(plan.outputShape), units: undefined })
  const areFinite = tf.tidy(() => Number.isFinite(toNumber(weightsCheck(ops, tensors))))
  const totals = { total: 0, divisor: 0 }

  const add = (slice: Rows): void => {
    const { features, labels } = sliceRows(tf, slice, 0, slice.rows)
    const outputs = outputsOf(ops, plan, tensors, features)
    const { total, divisor } = trainingLossTotals(ops, loss, outputs, labels)
    totals.total += toNumber(total)
    totals.divisor += toNumber(divisor)
    if (wanted.length === 0) return
    const told = unwrap(must(outputs, 0)).dataSync<'float32'>()
    metrics.add({ outputs: told, labels: slice.labels.values })
  }

  for await (const slice of slicesOf(rowsPerSlice(plan))) {
    await turn.breathe()
    tf.tidy(() => add(slice))
  }
  const measured = measuredLoss(plan, totals.total, totals.divisor)
  return { loss: areFinite ? measured.loss : Number.NaN, metrics: metrics.values() }
}

/** The slices of a table in memory. */
export const slicesOf = (table: Rows): Slices =>
  function* (size) {
    for (let from = 0; from < table.rows; from += size) {
      const rows = Math.min(size, table.rows - from)
      const part = ({ shape, values }: Rows['labels']): Rows['labels'] => {
        const perRow = sizeOf(shape)
        return { shape, values: values.subarray(from * perRow, (from + rows) * perRow) }
      }
      yield { rows, features: table.features.map(part), labels: part(table.labels) }
    }
  }

/** Rows of a slice: a function of the plan alone, so that every run adds up the same ones. */
const rowsPerSlice = (plan: Plan): number => {
  const { data, layers } = plan
  const widest = Math.max(sizeOf(data.inputShape), ...layers.map(({ outputShape }) => sizeOf(outputShape)))
  const products = layers.reduce((sum, layer) => sum + productsOf(layer, widest), 0)
  const most = Math.min(maxValues / widest, maxProducts / Math.max(1, products))
  return Math.min(rowsPerEvaluationBatch(plan), Math.max(1, Math.floor(most)))
}

/** Multiplications of a layer for one row, with as many for each output as inputs feed it: no more than the `widest` layer has values, as where an embedding is looked up. */
const productsOf = ({ outputShape, parameters }: Plan['layers'][number], widest: number): number => {
  const weights = parameters.filter(({ shape }) => shape.length > 1)
  return sizeOf(outputShape) * Math.min(widest, Math.max(1, ...weights.map(({ fanIn }) => fanIn)))
}
