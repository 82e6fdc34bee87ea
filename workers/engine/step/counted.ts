/**
 * What counts in a loss that leaves rows out: a mini-batch or a table of ignored rows alone has no mean. PyTorch gives NaN
 * there and gradients of 0; training goes on, and no such loss says that it diverged.
 */

import type { TrainingData } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { sizeOf } from '../../../src/numerics/shape.ts'
import { epochOrder } from './batches.ts'

/** The loss over a table; NaN and not `counted` if nothing in it counts. */
export type MeasuredLoss = { loss: number; counted: boolean }

/** From the sums over all evaluation batches of a table. If nothing weighs anything the mean is none, whatever smoothing adds to the total. */
export const measuredLoss = ({ config }: Plan, total: number, divisor: number): MeasuredLoss => {
  if (config.loss.reduction === 'sum') return { loss: total, counted: true }
  return { loss: divisor === 0 ? Number.NaN : total / divisor, counted: divisor !== 0 || total !== 0 }
}

/** How many mini-batches of an epoch, counting from 1, have a row that counts. */
export const createCountedBatches = (plan: Plan, data: Pick<TrainingData, 'rows' | 'labels'>): ((epoch: number) => number) => {
  const counted = countedRows(plan, data)
  const { batchSize } = plan.config.training
  return (epoch) => {
    if (!counted) return plan.stepsPerEpoch
    const order = epochOrder(plan, epoch)
    const batches = new Set<number>()
    for (let position = 0; position < data.rows; position += 1)
      if (counted[order ? (order[position] as number) : position] === 1) batches.add(Math.floor(position / batchSize))
    // The last one may be left out.
    batches.delete(plan.stepsPerEpoch)
    return batches.size
  }
}

/** For each row whether one of its labels counts; undefined if all do. */
const countedRows = ({ config: { loss }, data }: Plan, { rows, labels }: Pick<TrainingData, 'rows' | 'labels'>): Uint8Array | undefined => {
  const ignored = 'ignoreIndex' in loss && loss.reduction === 'mean' ? loss.ignoreIndex : undefined
  if (ignored === undefined) return undefined
  const perRow = sizeOf(data.labelShape)
  const counted = new Uint8Array(rows)
  for (let at = 0; at < rows * perRow; at += 1) if (labels[at] !== ignored) counted[Math.floor(at / perRow)] = 1
  return counted.includes(0) ? counted : undefined
}
