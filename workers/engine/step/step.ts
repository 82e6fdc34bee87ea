/**
 * One training step as a pure function of tensors: value and gradients of the loss on a mini-batch, clipping, update.
 * Nothing is read back from the backend inside, so a step can be traced and compiled.
 */

import type * as TensorFlow from '@tensorflow/tfjs-core'
import type { LayerOps } from '../../../src/catalog/layers/layer-ops.ts'
import { trainingLoss } from '../../../src/catalog/losses/all-losses.ts'
import { given, type Tensor, type Tensors } from '../../../src/catalog/ops.ts'
import { updateParameters } from '../../../src/catalog/optimizers/all-optimizers.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { must } from '../../../src/numerics/must.ts'
import { clip } from './clipping.ts'
import { forward } from './model.ts'
import { withPenalties } from './regularization.ts'

/** What a step reads and writes: all maps by full name, e.g. `layers.0.weight`. */
export type TrainingTensors = {
  parameters: Tensors
  /** Optimizer slots of each parameter by name: `slots['layers.0.weight'].velocity`. */
  slots: Record<string, Tensors>
  /** Running statistics, e.g. `layers.1.runningMean`. */
  buffers: Tensors
}

export type StepInput = TrainingTensors & {
  /** Number of this step over the whole job, from 1; a scalar. */
  step: Tensor
  /** The epoch's learning rate; a scalar. */
  learningRate: Tensor
  /** One mini-batch `[batch, ...inputShape]`; two for a loss of two inputs. */
  features: Tensor[]
  /** `[batch, ...labelShape]` */
  labels: Tensor
  /** Dropout masks for each group of features, by `layers.{index}`. */
  masks: Tensors[]
}

export type StepOutput = TrainingTensors & {
  /** Of the mini-batch before the update; a scalar. */
  loss: Tensor
  /** What PyTorch's `.grad` holds: with penalties that belong to what is minimized, after clipping, before weight decay. */
  gradients: Tensors
  /** Euclidean norm of all gradients together, before clipping; a scalar. */
  gradientNorm: Tensor
}

export type Step = (input: StepInput) => StepOutput

/** What a pass through the model in training mode takes. */
export type PassInput = Pick<StepInput, 'parameters' | 'buffers' | 'features' | 'masks'>

/**
 * Differentiates what `objective` makes of the model's outputs by the parameters, within a tidy of the caller; gradients are in the
 * order of the plan's parameters. Running statistics are kept from the tidy.
 */
export const createDifferentiation = (tf: typeof TensorFlow, ops: LayerOps, plan: Plan) => {
  const names = plan.parameters.map(({ name }) => name)
  return ({ parameters, buffers, features, masks }: PassInput, objective: (outputs: Tensor[]) => Tensor) => {
    let updatedBuffers = buffers
    const lossOf = (...weights: TensorFlow.Tensor[]): TensorFlow.Scalar => {
      const outputs = features.map((input, group) => {
        const pass = forward(ops, plan, {
          input,
          parameters: byName(names, weights),
          buffers: updatedBuffers,
          training: true,
          masks: masks[group],
        })
        updatedBuffers = pass.buffers
        return pass.output
      })
      for (const tensor of Object.values(updatedBuffers)) tf.keep(tensor as TensorFlow.Tensor)
      return objective(outputs) as TensorFlow.Scalar
    }
    const { value, grads } = tf.valueAndGrads(lossOf)(names.map((name) => parameters[name] as TensorFlow.Tensor))
    return { value, gradients: grads as Tensor[], buffers: updatedBuffers }
  }
}

/** The step of a plan. Tensors of its output belong to the caller. */
export const createStep = (tf: typeof TensorFlow, ops: LayerOps, plan: Plan): Step => {
  const names = plan.parameters.map(({ name }) => name)
  const differentiate = createDifferentiation(tf, ops, plan)

  const train = ({ slots, step, learningRate, labels, ...pass }: StepInput): StepOutput => {
    const { parameters } = pass
    const { value, gradients: grads, buffers } = differentiate(pass, (outputs) => trainingLoss(ops, plan.config.loss, outputs, labels))
    const named = names.map((name) => ({ name, value: given(parameters, name) }))
    const { gradients, norm } = clip(ops, withPenalties(ops, grads, named, plan.config.regularization), plan.config.gradientClipping)
    const updates = updateParameters(
      ops,
      plan.config.optimizer,
      { step, learningRate },
      names.map((name, position) => ({
        parameter: given(parameters, name),
        gradient: must(gradients, position),
        slots: slots[name] ?? {},
      })),
    )
    return {
      parameters: byName(
        names,
        updates.map((update) => update.parameter),
      ),
      slots: byName(
        names,
        updates.map((update) => update.slots),
      ),
      buffers,
      loss: value,
      gradients: byName(names, gradients),
      gradientNorm: norm,
    }
  }

  return (input) => tf.tidy(() => train(input) as unknown as TensorFlow.TensorContainer) as unknown as StepOutput
}

const byName = <Value>(names: readonly string[], values: readonly Value[]): Record<string, Value> =>
  Object.fromEntries(names.flatMap((name, position) => (values[position] === undefined ? [] : [[name, values[position]]])))
