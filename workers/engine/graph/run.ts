/** A job on a compiled graph: a chunk of steps is one call into TensorFlow. */

import type { EngineState, NamedTensor, Run, TrainingData } from '../../../src/contracts/engine.ts'
import { fromJsonNumber, type JsonNumber, toJsonNumber } from '../../../src/contracts/numbers.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { createBookkeeping } from '../bookkeeping.ts'
import { epochOrder } from '../eager/batches.ts'
import { type DroppingLayer, droppingLayers, maskValues } from '../eager/masks.ts'
import { initialBuffers, initialParameters } from '../initial-tensors.ts'
import { recordGradients, recordWeights } from '../recorded.ts'
import type { ComputationSize } from './computation.ts'
import { piecesOf } from './evaluation.ts'
import { types } from './graph-def.ts'
import { stateEntries } from './plan-computation.ts'
import type { Feed, Session } from './session.ts'

const { float32, int32 } = types

/** Prefix of the last mini-batch's gradients in a checkpoint between an epoch's steps and its evaluation. */
const gradientPrefix = 'gradient/'

/** Random numbers that one call feeds at most: 64 MiB. */
const mostNoise = 2 ** 24

/** The values, in the order of the graph's state, that a job starts with or that a checkpoint holds. */
const startingState = (plan: Plan, state: EngineState | undefined): NamedTensor[] => {
  const known = state ? state.tensors : [...initialParameters(plan), ...initialBuffers(plan)]
  const byName = new Map(known.map((tensor) => [tensor.name, tensor]))
  return stateEntries(plan).map(({ name, shape, initial = 0 }) => {
    const values = byName.get(name)?.values ?? new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(initial)
    return { name, shape, values }
  })
}

const scalar = (name: string, value: number): Feed => ({ name, type: float32, shape: [], values: Float32Array.of(value) })

const toFloat64 = (pair: Feed['values']): number => new Float64Array(pair.slice().buffer)[0] ?? Number.NaN

type Opened = { plan: Plan; data: TrainingData; state: EngineState | undefined; size: ComputationSize }

/**
 * Opens a run on a session.
 * @param open gives the session: compiling counts as training time
 */
export const openGraphRun = ({ plan, data, state, size }: Opened, open: () => { session: Session; release: () => void }): Run => {
  const books = createBookkeeping(plan, state)
  const { session, release } = books.timed(open)
  const { inputShape, labelShape } = plan.data
  const dropping: DroppingLayer[] = droppingLayers(plan)
  const groups = data.features.length
  const entries = stateEntries(plan)
  const fullBatches = Math.floor(size.rows / size.batchSize)

  const load = (prefix: string, tensors: readonly { shape: readonly number[]; values: Float32Array }[]): void => {
    if (tensors.length === 0) return
    const feeds = tensors.map(({ shape, values }, position) => ({ name: `${prefix}-${position}/in`, type: float32, shape, values }))
    session.run(feeds, [`${prefix}/loaded`])
  }
  const table = ({ rows, features, labels }: Pick<TrainingData, 'rows' | 'features' | 'labels'>) => [
    ...features.map((values) => ({ shape: [rows, ...inputShape], values })),
    { shape: [rows, ...labelShape], values: labels },
  ]
  const noTable = { rows: 0, features: data.features.map(() => new Float32Array()), labels: new Float32Array() }
  load('training', table(data))
  if (size.validationRows > 0 && data.validation) load('validation', table(data.validation))
  load('state', startingState(plan, state))
  const savedGradients = state?.tensors.filter(({ name }) => name.startsWith(gradientPrefix)) ?? []
  if (savedGradients.length > 0) {
    const norm = fromJsonNumber((state?.memo.gradientNorm as JsonNumber | undefined) ?? 0)
    load('result', [...savedGradients, { shape: [], values: Float32Array.of(norm) }])
  }

  let order: { epoch: number; positions: Int32Array } | undefined
  const orderOf = (epoch: number): Int32Array => {
    if (order?.epoch !== epoch) {
      const positions = epochOrder(plan, epoch) ?? Int32Array.from({ length: size.rows }, (_, position) => position)
      order = { epoch, positions }
    }
    return order.positions
  }

  /** Masks of `count` steps from step `first` of the whole job on, which counts from 1. */
  const noiseFeeds = (prefix: string, first: number, count: number, rows: number, withSteps: boolean): Feed[] =>
    Array.from({ length: groups }, (_, group) =>
      dropping.map((layer, position): Feed => {
        const perStep = rows * layer.values
        const values = new Float32Array(count * perStep)
        for (let made = 0; made < count; made += 1)
          values.set(maskValues(plan.config.training.seed, layer, { step: first + made, group, rows }), made * perStep)
        const shape = [...(withSteps ? [count] : []), rows, ...layer.shape]
        return { name: `${prefix}/noise-${group * dropping.length + position}`, type: float32, shape, values }
      }),
    ).flat()

  const shared = (first: number): Feed[] => [
    scalar('learning-rate', books.learningRate()),
    scalar('first-step', first),
    { name: 'loss-sum', type: int32, shape: [2], values: new Int32Array(Float64Array.of(books.lossTotal()).buffer) },
  ]

  const noisePerStep = groups * size.batchSize * dropping.reduce((sum, { values }) => sum + values, 0)
  const mostSteps = noisePerStep === 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(mostNoise / noisePerStep))

  /** One call: full batches as far as they go, or the epoch's last. */
  const trainSome = (steps: number): void => {
    const { epoch, step } = books.position()
    const first = books.totalSteps() + 1
    const rows = orderOf(epoch + 1)
    const from = step * size.batchSize
    const full = Math.min(steps, fullBatches - step, mostSteps)
    if (full > 0) {
      const indices = rows.subarray(from, from + full * size.batchSize)
      const own: Feed[] = [
        { name: 'steps/rows', type: int32, shape: [full, size.batchSize], values: indices },
        { name: 'steps/count', type: int32, shape: [], values: Int32Array.of(full) },
        ...noiseFeeds('steps', first, full, size.batchSize, true),
      ]
      const [sum] = session.run([...own, ...shared(first)], ['steps/loss-sum'])
      books.addSteps(full, toFloat64(sum as Int32Array))
      return
    }
    const own: Feed[] = [
      { name: 'last/rows', type: int32, shape: [size.lastBatch], values: rows.subarray(from, from + size.lastBatch) },
      ...noiseFeeds('last', first, 1, size.lastBatch, false),
    ]
    const [sum] = session.run([...own, ...shared(first)], ['last/loss-sum'])
    books.addSteps(1, toFloat64(sum as Int32Array))
  }

  const train = (steps: number): void => {
    for (let left = Math.min(steps, books.remaining()); left > 0; ) {
      const before = books.position().step
      trainSome(left)
      left -= books.position().step - before
    }
  }

  /** As one call over all rows would give it: totals and divisors of pieces, added up in float64. */
  const lossOf = (table: 'training' | 'validation'): number => {
    const { whole, rest } = piecesOf(table === 'training' ? size.rows : size.validationRows, size.piece)
    let [total, divisor] = [0, 0]
    for (let piece = 0; piece < whole + Math.min(rest, 1); piece += 1) {
      const prefix = `${table}/${piece < whole ? 'piece' : 'rest'}`
      const start: Feed = { name: `${prefix}/start`, type: int32, shape: [], values: Int32Array.of(piece * size.piece) }
      const [partTotal, partDivisor] = session.run([start], [`${prefix}/value-0`, `${prefix}/value-1`])
      total += partTotal?.[0] ?? Number.NaN
      divisor += partDivisor?.[0] ?? Number.NaN
    }
    return plan.config.loss.reduction === 'sum' ? total : total / divisor
  }

  const readState = (which: readonly { name: string; shape: number[] }[]): NamedTensor[] => {
    const positions = which.map(({ name }) => entries.findIndex((entry) => entry.name === name))
    const values = session.run(
      [],
      positions.map((position) => `state-${position}`),
    ) as Float32Array[]
    return which.map(({ name, shape }, position) => ({ name, shape, values: values[position] as Float32Array }))
  }

  const readGradients = (prefix = ''): NamedTensor[] => {
    const values = session.run(
      [],
      plan.parameters.map((_, position) => `result-${position}`),
    ) as Float32Array[]
    return plan.parameters.map(({ name, shape }, position) => ({ name: prefix + name, shape, values: values[position] as Float32Array }))
  }

  const readNorm = (): number => session.run([], [`result-${plan.parameters.length}`])[0]?.[0] ?? Number.NaN

  const evaluate = () => {
    const outcome = books.timed(() => ({
      loss: lossOf('training'),
      validationLoss: size.validationRows > 0 ? lossOf('validation') : null,
    }))
    const row = books.closeEpoch(outcome)
    return {
      ...row,
      gradientNorm: readNorm(),
      metrics: {},
      gradients: recordGradients(plan, readGradients),
      weights: recordWeights(plan, row.finished, () => readState([...plan.parameters, ...initialBuffers(plan)])),
    }
  }

  const exportState = (): EngineState => {
    const { epoch, step, epochEnded } = books.position()
    const gradients = epochEnded ? readGradients(gradientPrefix) : []
    const norm = epochEnded ? { gradientNorm: toJsonNumber(readNorm()) } : {}
    return { epoch, step, tensors: [...readState(entries), ...gradients], memo: { ...books.exportMemo(), ...norm } }
  }

  const close = (): void => {
    // The graph may wait for its next job a long time; the data need not.
    load('training', table(noTable))
    if (size.validationRows > 0) load('validation', table(noTable))
    release()
  }

  return {
    run: async (steps) => {
      books.timed(() => train(steps))
      return books.position()
    },
    evaluate: async () => evaluate(),
    exportState: async () => exportState(),
    close: async () => close(),
  }
}
