/** Whole steps of a trainer on the graph that a job of the same config trains on. */
import type { Plan } from '../../../src/contracts/plan.ts'
import type { BatchAddress } from '../../../src/contracts/trainer.ts'
import { types } from '../graph/graph-def.ts'
import type { Feed } from '../graph/session.ts'
import { noiseFeeds, scalarFeed, toFloat64 } from '../graph/step-calls.ts'
import { droppingLayers } from '../step/masks.ts'
import type { ModelState, OpenSession } from './model-state.ts'

const { int32 } = types

/** Random numbers, and positions of rows, that one call feeds at most. */
const maxFed = 2 ** 22

/** A mini-batch of an epoch. */
export type Slice = Extract<BatchAddress, { kind: 'slice' }>

/** Steps that follow one another: their mini-batches have the same number of rows. */
export type CompiledSteps = {
  slices: readonly Slice[]
  clipping: { norm: number } | { value: number } | undefined
  learningRate: number
  /** Number of the first step for the optimizer, from 1; the version before it, and its pass. */
  first: { step: number; version: number; pass: number }
}

export const createCompiledSteps = (plan: Plan, state: ModelState, orderOf: (epoch: number) => Int32Array | undefined) => {
  const maskValues = droppingLayers(plan).reduce((sum, { values }) => sum + values, 0) * plan.data.featureColumns.length

  /** The plan of a job with such mini-batches. */
  const planOf = ({ size }: Slice, clipping: CompiledSteps['clipping']): Plan => {
    const { gradientClipping: _, ...config } = plan.config
    return {
      ...plan,
      config: { ...config, ...(clipping ? { gradientClipping: clipping } : {}), training: { ...config.training, batchSize: size } },
    }
  }

  /** How many steps one call may make. */
  const maxAtOnce = ({ rows }: Slice): number => Math.max(1, Math.floor(maxFed / (rows * (1 + maskValues))))

  const positionsOf = (slices: readonly Slice[]): Int32Array => {
    const rows = slices[0]?.rows ?? 0
    const positions = new Int32Array(slices.length * rows)
    for (const [at, { epoch, index, size }] of slices.entries()) {
      const order = orderOf(epoch)
      for (let row = 0; row < rows; row += 1)
        positions[at * rows + row] = order ? (order[index * size + row] as number) : index * size + row
    }
    return positions
  }

  /** The graph that these steps are made on. @throws UntraceableError if the model cannot be compiled */
  const open = (slice: Slice, clipping: CompiledSteps['clipping']): OpenSession => state.inSession(planOf(slice, clipping))

  /** Makes the steps; gives `lossTotal` and their losses together. */
  const run = ({ slices, clipping, learningRate, first }: CompiledSteps, lossTotal: number): number => {
    const [slice] = slices
    if (!slice) return lossTotal
    const { session, size } = open(slice, clipping)
    const isFull = slice.rows === size.batchSize
    const prefix = isFull ? 'steps' : 'last'
    const count = slices.length
    const feeds: Feed[] = [
      { name: `${prefix}/rows`, type: int32, shape: isFull ? [count, slice.rows] : [slice.rows], values: positionsOf(slices) },
      ...(isFull ? [{ name: 'steps/count', type: int32, shape: [], values: Int32Array.of(count) }] : []),
      ...noiseFeeds(plan, prefix, { first: first.version + 1, count, rows: slice.rows, stacked: isFull, pass: first.pass }),
      scalarFeed('learning-rate', learningRate),
      scalarFeed('first-step', first.step),
      { name: 'loss-sum', type: int32, shape: [2], values: new Int32Array(Float64Array.of(lossTotal).buffer) },
    ]
    const [sum] = session.run(feeds, [`${prefix}/loss-sum`])
    state.stepped()
    return toFloat64(sum)
  }

  return {
    planOf,
    open,
    run,
    maxAtOnce: (slice: Slice): number => (slice.rows === Math.min(slice.size, plan.trainingRows) ? maxAtOnce(slice) : 1),
  }
}
export type CompiledStepRunner = ReturnType<typeof createCompiledSteps>
