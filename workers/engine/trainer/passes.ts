/** The maths of single operations, one after the other on the backend; the same formulas as a step of a job. */
import type { LayerOps } from '../../../src/catalog/layers/layer-ops.ts'
import { type LossConfig, lossCatalog, trainingLoss } from '../../../src/catalog/losses/all-losses.ts'
import { reducedLoss } from '../../../src/catalog/losses/reduce-loss.ts'
import { given, type Tensor, type Tensors } from '../../../src/catalog/ops.ts'
import { updateParameters } from '../../../src/catalog/optimizers/all-optimizers.ts'
import type { TrainingData } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import type { BatchAddress } from '../../../src/contracts/trainer.ts'
import { must } from '../../../src/numerics/must.ts'
import { sizeOf } from '../../../src/numerics/shape.ts'
import { type Batch, batchOf, epochOrder, gatherRows, tableOf } from '../step/batches.ts'
import { clip } from '../step/clipping.ts'
import { createMasks } from '../step/masks.ts'
import { forward } from '../step/model.ts'
import { createDifferentiation } from '../step/step.ts'
import { type Tf, unwrap } from '../step/tape.ts'
import { dispose } from '../step/training-tensors.ts'
import type { ModelState, TrainerTensors } from './model-state.ts'
import type { PassAddress } from './walk.ts'

/** Some of a model's numbers, flat. */
type Values = { shape: number[]; values: Float32Array }

export const createPasses = (tf: Tf, ops: LayerOps, plan: Plan, data: TrainingData, state: ModelState) => {
  const rows = tableOf(plan, data)
  const masksAt = createMasks(tf, plan)
  const differentiate = createDifferentiation(tf, ops, plan)
  const names = plan.parameters.map(({ name }) => name)
  let order: { epoch: number; positions: Int32Array | undefined } | undefined

  /** The order of an epoch's rows; undefined for the stored one. */
  const orderOf = (epoch: number): Int32Array | undefined => {
    if (order?.epoch !== epoch) order = { epoch, positions: epochOrder(plan, epoch) }
    return order.positions
  }

  const open = (batch: BatchAddress): Batch => {
    if (batch.kind === 'slice') return batchOf(tf, rows, batch.size, batch.index, orderOf(batch.epoch))
    if (batch.kind === 'rows') return gatherRows(tf, rows, Int32Array.from(batch.positions))
    const { inputShape, labelShape } = plan.data
    const labels = batch.labels ?? batch.features.map(() => new Array<number>(sizeOf(labelShape)).fill(0))
    return {
      rows: batch.rows,
      features: [tf.tensor(Float32Array.from(batch.features.flat()), [batch.rows, ...inputShape], 'float32')],
      labels: tf.tensor(Float32Array.from(labels.flat()), [batch.rows, ...labelShape], 'float32'),
    }
  }

  /** Opens the examples and the masks of a pass for as long as `work` takes. */
  const within = <Result>(
    { version, pass, batch: address }: PassAddress,
    work: (opened: Batch & { masks: Tensors[] }) => Result,
  ): Result => {
    const batch = open(address)
    const masks = pass === 0 ? [] : masksAt({ step: version + 1, pass, rows: batch.rows })
    try {
      return work({ ...batch, masks })
    } finally {
      dispose(tf, batch.features, [batch.labels], ...masks)
    }
  }

  const outputs = (mode: 'training' | 'evaluation', at: PassAddress): Values =>
    within(at, ({ features, masks }) => {
      const { parameters, buffers } = state.onBackend()
      const isTraining = mode === 'training'
      const made = tf.tidy(() => {
        let running = buffers
        const all = features.map((input, group) => {
          const pass = forward(ops, plan, { input, parameters, buffers: running, training: isTraining, masks: masks[group] })
          running = { ...running, ...pass.buffers }
          return unwrap(pass.output)
        })
        const output = all.length === 1 ? must(all, 0) : tf.stack(all)
        return { output, buffers: isTraining ? keep(running) : {} }
      })
      if (isTraining) state.replace({ buffers: { ...buffers, ...(made.buffers as Tensors) } })
      const values = Float32Array.from(made.output.dataSync<'float32'>())
      made.output.dispose()
      return { shape: [...made.output.shape], values }
    })

  /** Tensors that outlive the tidy. */
  const keep = (tensors: Tensors) => Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tf.keep(unwrap(tensor))]))

  /** Adds gradients to those that are there. */
  const addUp = (found: readonly Tensor[], buffers?: Tensors): void => {
    const { gradients: before } = state.onBackend()
    const sum = before ? tf.tidy(() => found.map((gradient, at) => unwrap(ops.add(given(before, must(names, at)), gradient)))) : found
    if (before) dispose(tf, [...found])
    state.replace({ gradients: Object.fromEntries(names.map((name, at) => [name, must(sum, at)])), ...(buffers ? { buffers } : {}) })
  }

  /** The loss of a plan, which differs from the trainer's own by that alone; with `perExample` its terms, too. */
  const forwardBackward = (
    at: PassAddress,
    { perExample, config: { loss: config }, data: { labelShape } }: Pick<Plan, 'config' | 'data'> & { perExample: boolean },
  ): { loss: number; terms?: Values } =>
    within(at, ({ features, labels: labelled, rows: count, masks }) => {
      const { parameters, buffers } = state.onBackend()
      let terms: Tensor | undefined
      const made = tf.tidy(() => {
        const labels = labelShape === plan.data.labelShape ? labelled : tf.reshape(unwrap(labelled), [count, ...labelShape])
        const found = differentiate({ parameters, buffers, features, masks }, (outputs) => {
          if (perExample) terms = tf.keep(unwrap(termsOf(config, outputs, labels)))
          return trainingLoss(ops, config, outputs, labels)
        })
        return { value: found.value, gradients: found.gradients.map(unwrap), buffers: found.buffers as Record<string, never> }
      })
      const loss = made.value.dataSync()[0] ?? Number.NaN
      made.value.dispose()
      addUp(made.gradients, made.buffers)
      if (!terms) return { loss }
      const told = { shape: [...terms.shape], values: Float32Array.from(unwrap(terms).dataSync<'float32'>()) }
      dispose(tf, [terms])
      return { loss, terms: told }
    })

  const termsOf = (loss: LossConfig, outputs: Tensor[], labels: Tensor): Tensor =>
    reducedLoss(ops, lossCatalog[loss.type], { inputs: outputs, target: labels, options: loss }, { reduction: 'none' })

  /** Carries a gradient by the outputs of a pass back; its running statistics were updated by the forward already. */
  const backward = (at: PassAddress, outputGradient: readonly number[]): void =>
    within(at, ({ features, masks }) => {
      const { parameters, buffers } = state.onBackend()
      const shape = [at.batch.rows, ...plan.outputShape]
      const perInput = sizeOf(shape)
      const upstream = features.map((_, group) =>
        tf.tensor(Float32Array.from(outputGradient.slice(group * perInput, (group + 1) * perInput)), shape, 'float32'),
      )
      const made = tf.tidy(() => {
        const found = differentiate({ parameters, buffers, features, masks }, (outputs) =>
          upstream.map((gradient, group) => ops.sum(ops.mul(must(outputs, group), gradient))).reduce((sum, each) => ops.add(sum, each)),
        )
        return { gradients: found.gradients.map(unwrap), buffers: found.buffers as Record<string, never> }
      })
      dispose(tf, upstream)
      const own = new Set(Object.values(buffers))
      dispose(
        tf,
        Object.values(made.buffers as Tensors).filter((tensor) => !own.has(tensor)),
      )
      addUp(made.gradients)
    })

  /** Limits the gradients, and gives their norm before. */
  const limit = (clipping: { norm: number } | { value: number }): number => {
    const { gradients = {} } = state.onBackend()
    const list = names.map((name) => given(gradients, name))
    const made = tf.tidy(() => {
      const clipped = clip(ops, list, clipping)
      return { gradients: clipped.gradients.map(unwrap), norm: unwrap(clipped.norm) }
    })
    const norm = made.norm.dataSync()[0] ?? Number.NaN
    made.norm.dispose()
    state.replace({ gradients: Object.fromEntries(names.map((name, at) => [name, must(made.gradients, at)])) })
    return norm
  }

  /** The optimizer's update; parameters that are not among `only` stay as they are, their slots too. */
  const update = ({ number, learningRate, only }: { number: number; learningRate: number; only: readonly string[] | undefined }): void => {
    const before = state.onBackend()
    const { gradients = {} } = before
    const chosen = names.filter((name) => !only || only.includes(name))
    const step = tf.scalar(number)
    const rate = tf.scalar(learningRate)
    const made = tf.tidy(() => {
      const inputs = chosen.map((name) => ({
        parameter: given(before.parameters, name),
        gradient: given(gradients, name),
        slots: before.slots[name] ?? {},
      }))
      return updateParameters(ops, plan.config.optimizer, { step, learningRate: rate }, inputs) as unknown as TensorContainerOf
    }) as unknown as { parameter: Tensor; slots: Tensors }[]
    dispose(tf, [step, rate])
    const changed: Pick<TrainerTensors, 'parameters' | 'slots'> = { parameters: { ...before.parameters }, slots: { ...before.slots } }
    for (const [at, name] of chosen.entries()) {
      changed.parameters[name] = must(made, at).parameter
      changed.slots[name] = must(made, at).slots
    }
    state.replace(changed)
  }

  return { orderOf, rows, outputs, forwardBackward, backward, limit, update }
}
export type Passes = ReturnType<typeof createPasses>

type TensorContainerOf = Parameters<Tf['dispose']>[0]
