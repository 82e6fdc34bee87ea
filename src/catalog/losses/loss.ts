/**
 * What a loss is: a catalog entry with its formula before reduction and the derivative of that, both in closed form.
 * Class axes are last here; the evaluation call moves PyTorch's axis 1 there.
 */
import { type Static, type TObject, type TProperties, Type } from 'typebox'
import type { Definition } from '../definition.ts'
import type { Operand, Save, Tensor, TensorOps } from '../ops.ts'

/** How terms become one number. `batchmean` divides a sum by the number of rows; only klDiv has it. */
export type Reduction = 'mean' | 'sum' | 'none' | 'batchmean'

/** What the values of a target mean: any number, a probability, −1 or 1, a class index, or class indices ended by −1. */
export type TargetKind = 'number' | 'probability' | 'sign' | 'class' | 'classList'

/** What a mean counts: every value, every row, or every target of a class index, where weights and ignored rows decide how much it counts. */
export type MeanOver = 'values' | 'rows' | 'classTargets'

/** Values from `lowest` to `highest`. */
export type ValueRange = { lowest: number; highest: number; expected: string }

/** Weights by class as options of a loss. */
export type ClassWeights = { count: (outputs: number) => number; options: (weights: readonly number[]) => Record<string, unknown> }

/** A weight per output. */
export const weightPerClass: ClassWeights = { count: (outputs) => outputs, options: (weights) => ({ weight: [...weights] }) }

/** Weights of a no and a yes, of a loss that counts a yes `posWeight` times. */
export const weightOfYes: ClassWeights = { count: () => 2, options: ([no = 1, yes = 1]) => ({ weight: [no], posWeight: [yes / no] }) }

/** The formula's result. */
export type LossTerms = {
  /** Before reduction: one value per element or per row. */
  terms: Tensor
  /** From what was saved: d(terms)/d(input) per input, to be multiplied with `factor` and with what reaches each term. */
  derivatives?: () => Tensor[]
  factor?: number
  /**
   * In place of `derivatives` if that product would be 0 · ∞: the gradients by the inputs. `share` is what reaches each
   * term, a scalar or of the shape of the terms with an axis of size 1 for each that they lack.
   */
  gradients?: (share: Tensor) => Tensor[]
  /** What `mean` divides the sum of terms by if that is not their number. */
  divisor?: Operand
  /** What the terms are the sum of, if `mean` divides each on its own: 0/0 in one makes NaN of all, as in PyTorch. */
  summands?: Tensor[]
  /** 1 for each row that counts, 0 for each that is ignored; left out if none can be. */
  counted?: Tensor
}

export type Loss<Options extends TProperties = TProperties> = Definition<Options> & {
  inputs: 1 | 2
  target: TargetKind
  /** Whether inputs have a class axis: the last in training, axis 1 in the evaluation call, as in PyTorch. */
  classAxis: boolean
  reductions: readonly Reduction[]
  /** What `mean` divides by, in words. */
  meanDividesBy: string
  /** The same for programs: how a sum and a mean of one loss are compared. */
  meanOver: MeanOver
  /** Shapes that the inputs cannot have are refused: what is expected instead. Class axis last. */
  expects?(inputShape: readonly number[]): string | undefined
  /** Shapes of a target that fits inputs of this shape, the usual one first. Class axis last. */
  targetShapes(inputShape: readonly number[]): number[][]
  /** What the values of a target must lie between, in words too, if its kind does not say it. */
  targetRange?(options: Static<TObject<Options>>): ValueRange | undefined
  /** What inputs must lie between, in words too, if not every number is taken. */
  inputRange?: ValueRange
  /** Above which output of the model its answer is a yes; absent if outputs are no such answers, or if the largest one of a row is chosen. */
  threshold?: number
  /** The activation that the last layer of a model has for it, if it is another than linear. */
  lastActivation?: 'sigmoid' | 'logSoftmax'
  /**
   * How outputs become probabilities: of one row's, or of the values of one column each, where `threshold` decides. Absent if
   * they are none.
   */
  probabilities?: (outputs: readonly number[]) => number[]
  /** How many classes it tells apart with so many outputs, and the options that give each of them its weight; absent if none do. */
  classWeights?: ClassWeights
  /**
   * The power of the unit of its labels in which it is told: of ŷ and y, and of a bound between them that is an option, all s
   * times as large it is s^power times as large. Absent if it has no unit.
   */
  unitPower?: number
  /** How much of (ŷ − y)² it is, if it is that: a solver can minimize it. */
  shareOfSquare?: number
  terms(ops: TensorOps, call: { inputs: Tensor[]; target: Tensor; save: Save }, options: Static<TObject<Options>>): LossTerms
}

type Defaulted = 'inputs' | 'reductions' | 'meanDividesBy' | 'meanOver' | 'classAxis'

/** Names the types of a loss's options; reductions and the divisor are the usual ones unless given. */
export const defineLoss = <const Options extends TProperties, const Type extends string>(
  loss: Omit<Loss<Options>, Defaulted> & { type: Type } & Partial<Pick<Loss<Options>, Defaulted>>,
): Loss<Options> & { type: Type } => ({
  inputs: 1,
  classAxis: false,
  reductions: ['mean', 'sum', 'none'],
  meanDividesBy: 'the number of values',
  meanOver: 'values',
  ...loss,
})

/** The target has the inputs' shape. */
export const sameShape = (inputShape: readonly number[]): number[][] => [[...inputShape]]

/** The target has one value per row of the last axis. */
export const withoutLastAxis = (inputShape: readonly number[]): number[][] => [inputShape.slice(0, -1)]

/** An input that the caller must have given. */
export const inputAt = (inputs: readonly Tensor[], index: number): Tensor => {
  const input = inputs[index]
  if (input === undefined) throw new Error(`the loss has no input ${index}`)
  return input
}

/** A loss of the difference `input − target`, value by value. */
export const differenceTerms = (
  ops: TensorOps,
  { inputs, target, save }: { inputs: Tensor[]; target: Tensor; save: Save },
  term: (difference: Tensor) => Tensor,
  derivative: (difference: Tensor) => Tensor,
  factor = 1,
): LossTerms => {
  const difference = ops.sub(inputAt(inputs, 0), target)
  const saved = save(difference)
  return { terms: term(difference), derivatives: () => [derivative(saved())], factor }
}

/** Options that several losses share. */
export const weightOption = (what: string) =>
  Type.Optional(Type.Array(Type.Number({ minimum: -1e12, maximum: 1e12 }), { minItems: 1, maxItems: 100_000, description: what }))
export const classWeight = weightOption('One weight per class; left out, all count the same.')
export const ignoreIndex = Type.Optional(
  Type.Integer({
    minimum: -1_000_000_000,
    maximum: 1_000_000_000,
    description: 'A class index whose rows count nothing. Left out: -100 in the evaluation call, none in training.',
  }),
)
/** Weights along the last axis; a single one counts for all values, also if there is no axis. */
export const lastAxisWeights = (ops: TensorOps, weight: readonly number[], inputShape: readonly number[]): Tensor =>
  ops.constant(weight, inputShape.length === 0 ? [] : [weight.length])
export const margin = (byDefault: number) => Type.Number({ minimum: -1e6, maximum: 1e6, default: byDefault, description: 'The margin.' })
