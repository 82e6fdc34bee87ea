/** Every loss by its type. */
import { type TOptional, type TUnsafe, Type } from 'typebox'
import { type ConfigOfAny, type Definition, schemaFamily } from '../definition.ts'
import type { Operand, Tensor, TensorOps } from '../ops.ts'
import { bce } from './bce.ts'
import { bceWithLogits } from './bce-with-logits.ts'
import { cosineEmbedding } from './cosine-embedding.ts'
import { crossEntropy } from './cross-entropy.ts'
import { halfSquared } from './half-squared.ts'
import { hingeEmbedding } from './hinge-embedding.ts'
import { huber } from './huber.ts'
import { klDiv } from './kl-div.ts'
import { l1 } from './l1.ts'
import type { Loss, Reduction } from './loss.ts'
import { marginRanking } from './margin-ranking.ts'
import { mse } from './mse.ts'
import { multiLabelMargin } from './multi-label-margin.ts'
import { multiLabelSoftMargin } from './multi-label-soft-margin.ts'
import { multiMargin } from './multi-margin.ts'
import { nll } from './nll.ts'
import { nll2d } from './nll2d.ts'
import { lossTotals, reducedLoss } from './reduce-loss.ts'
import { smoothL1 } from './smooth-l1.ts'
import { softMargin } from './soft-margin.ts'

/** Losses by type; their options are those of the evaluation call, which gives the reduction apart. */
export const lossCatalog = {
  l1,
  mse,
  halfSquared,
  huber,
  smoothL1,
  crossEntropy,
  nll,
  nll2d,
  klDiv,
  bce,
  bceWithLogits,
  hingeEmbedding,
  softMargin,
  multiMargin,
  multiLabelMargin,
  multiLabelSoftMargin,
  marginRanking,
  cosineEmbedding,
}
export type LossType = keyof typeof lossCatalog

type TrainingReduction = Exclude<Reduction, 'none'>
type TrainingOptions = { reduction: TUnsafe<TrainingReduction>; classWeights: TOptional<TUnsafe<'balanced'>> }
type Trainable<Entry extends Loss> = Definition<Entry['options'] & TrainingOptions> & { type: Entry['type'] }
type TrainableLosses = { [Type in LossType]: Trainable<(typeof lossCatalog)[Type]> }

/** The same losses as a job's config has them: the reduction, to one number, is one of the options. */
export const trainingLossCatalog = Object.fromEntries(
  Object.entries(lossCatalog).map(([type, loss]) => [type, trainable(loss)]),
) as unknown as TrainableLosses

export type LossConfig = ConfigOfAny<TrainableLosses>

export const lossFamily = schemaFamily('Loss', trainingLossCatalog, { description: 'What is minimized.' })

/**
 * The loss of a mini-batch, a scalar, differentiable by the model's outputs: one, or two for losses of two inputs. Of a
 * mini-batch of ignored rows alone it is 0, and so is its gradient.
 */
export const trainingLoss = (ops: TensorOps, config: LossConfig, outputs: Tensor[], labels: Tensor): Tensor =>
  reducedLoss(
    ops,
    lossCatalog[config.type],
    { inputs: outputs, target: labels, options: config },
    { reduction: config.reduction, emptyIsZero: 'ignoreIndex' in config },
  )

/** The parts of a loss that is taken over many rows in batches: see lossTotals. */
export const trainingLossTotals = (
  ops: TensorOps,
  config: LossConfig,
  outputs: Tensor[],
  labels: Tensor,
): { total: Tensor; divisor: Operand } =>
  lossTotals(ops, lossCatalog[config.type], { inputs: outputs, target: labels, options: config }, config.reduction)

function trainable(loss: Loss) {
  return {
    ...loss,
    options: {
      ...loss.options,
      reduction: Type.Unsafe<TrainingReduction>({
        type: 'string',
        enum: loss.reductions.filter((reduction) => reduction !== 'none'),
        default: 'mean',
        description: `How the values become one number. mean divides by ${loss.meanDividesBy}.`,
      }),
      ...(loss.classWeights ? { classWeights: classWeightsOption() } : {}),
    },
  }
}

function classWeightsOption() {
  return Type.Optional(
    Type.Unsafe<'balanced'>({
      type: 'string',
      enum: ['balanced'],
      description: 'Weights each class by n / (k · its rows), of n training rows and k classes, in place of weights of your own.',
    }),
  )
}
