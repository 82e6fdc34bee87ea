/** Calls that train: which rows, rates and random numbers they are fed, and how many steps each makes. */
import type { Plan } from '../../../src/contracts/plan.ts'
import { epochOrder } from '../step/batches.ts'
import type { EpochProgress } from '../step/epoch-progress.ts'
import { droppingLayers, maskValues } from '../step/masks.ts'
import type { ComputationSize } from './computation.ts'
import { types } from './graph-def.ts'
import type { Feed, Session } from './session.ts'

const { float32, int32 } = types

/** Random numbers that one call feeds at most: 64 MiB. */
const maxNoise = 2 ** 24

export const createStepCalls = (session: Session, plan: Plan, size: ComputationSize, progress: EpochProgress) => {
  const dropping = droppingLayers(plan)
  const groups = plan.data.featureColumns.length
  const fullBatches = Math.floor(size.rows / size.batchSize)
  const noisePerStep = groups * size.batchSize * dropping.reduce((sum, { values }) => sum + values, 0)
  const maxSteps = noisePerStep === 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(maxNoise / noisePerStep))
  let order: { epoch: number; positions: Int32Array } | undefined

  const orderOf = (epoch: number): Int32Array => {
    if (order?.epoch !== epoch) {
      const positions = epochOrder(plan, epoch) ?? Int32Array.from({ length: size.rows }, (_, position) => position)
      order = { epoch, positions }
    }
    return order.positions
  }

  const call = (prefix: string, count: number, own: readonly Feed[]): void => {
    const shared: Feed[] = [
      scalarFeed('learning-rate', progress.learningRate()),
      scalarFeed('first-step', progress.totalSteps() + 1),
      { name: 'loss-sum', type: int32, shape: [2], values: new Int32Array(Float64Array.of(progress.lossTotal()).buffer) },
    ]
    const [sum] = session.run([...own, ...shared], [`${prefix}/loss-sum`])
    progress.addSteps(count, toFloat64(sum))
  }

  /** One call: full batches as far as they go, at most `steps`, or the epoch's smaller last one. */
  const trainSome = (steps: number): void => {
    const { epoch, step } = progress.position()
    const rows = orderOf(epoch + 1)
    const from = step * size.batchSize
    const first = progress.totalSteps() + 1
    const count = Math.min(steps, fullBatches - step, maxSteps)
    const rounds = size.unrolled > 1 ? Math.floor(count / size.unrolled) : 0
    if (rounds > 0) {
      const steps = rounds * size.unrolled
      const shape = [rounds, size.unrolled, size.batchSize]
      call('rounds', steps, [
        { name: 'rounds/rows', type: int32, shape, values: rows.subarray(from, from + steps * size.batchSize) },
        { name: 'rounds/count', type: int32, shape: [], values: Int32Array.of(rounds) },
      ])
      return
    }
    if (count > 0) {
      call('steps', count, [
        { name: 'steps/rows', type: int32, shape: [count, size.batchSize], values: rows.subarray(from, from + count * size.batchSize) },
        { name: 'steps/count', type: int32, shape: [], values: Int32Array.of(count) },
        ...noiseFeeds(plan, 'steps', { first, count, rows: size.batchSize, stacked: true }),
      ])
      return
    }
    call('last', 1, [
      { name: 'last/rows', type: int32, shape: [size.lastBatch], values: rows.subarray(from, from + size.lastBatch) },
      ...noiseFeeds(plan, 'last', { first, count: 1, rows: size.lastBatch, stacked: false }),
    ])
  }

  /** Makes `steps` steps, or as many as the epoch still has. */
  const train = (steps: number): void => {
    for (let left = Math.min(steps, progress.remaining()); left > 0; ) {
      const before = progress.position().step
      trainSome(left)
      left -= progress.position().step - before
    }
  }

  return { train }
}

/** Masks of `count` steps from step `first` of the whole job on, which counts from 1; `pass`: which of that step, if not its only one. */
export const noiseFeeds = (
  plan: Plan,
  prefix: string,
  { first, count, rows, stacked, pass }: { first: number; count: number; rows: number; stacked: boolean; pass?: number },
): Feed[] => {
  const dropping = droppingLayers(plan)
  return Array.from({ length: plan.data.featureColumns.length }, (_, group) =>
    dropping.map((layer, position): Feed => {
      const perStep = rows * layer.values
      const values = new Float32Array(count * perStep)
      for (let made = 0; made < count; made += 1)
        values.set(maskValues(plan.config.training.seed, layer, { step: first + made, group, rows, pass }), made * perStep)
      const shape = [...(stacked ? [count] : []), rows, ...layer.shape]
      return { name: `${prefix}/noise-${group * dropping.length + position}`, type: float32, shape, values }
    }),
  ).flat()
}

/** A scalar on its way into the graph. */
export const scalarFeed = (name: string, value: number): Feed => ({ name, type: float32, shape: [], values: Float32Array.of(value) })

/** A float64 as the graph gives it: two halves. */
export const toFloat64 = (pair: Feed['values'] | undefined): number =>
  pair ? (new Float64Array(pair.slice().buffer)[0] ?? Number.NaN) : Number.NaN
