import { Type } from 'typebox'
import { type Save, smallestNormal, type Tensor, type TensorOps } from '../ops.ts'
import { defineLoss, differenceTerms, inputAt, type LossTerms, sameShape } from './loss.ts'

/** So much larger, a number that engines take for 0 is one as any other. */
const magnification = 2 ** 64
/** Differences below this are magnified; those of numbers beyond ±1 are larger or 0. */
const near = 2 ** -100

/** Cut off at ±1; NaN stays. */
const toUnit = (ops: TensorOps, x: Tensor): Tensor => ops.maximum(ops.minimum(x, 1), -1)

/**
 * For a beta so small that engines take it, and differences about it, for 0: the line is what counts of the value, but the
 * derivative tells where within ±beta a difference lies.
 */
const termsOfTinyBeta = (
  ops: TensorOps,
  { inputs, target, save }: { inputs: Tensor[]; target: Tensor; save: Save },
  beta: number,
): LossTerms => {
  const input = inputAt(inputs, 0)
  const magnified = (x: Tensor): Tensor => ops.mul(toUnit(ops, x), magnification)
  const difference = ops.sub(input, target)
  const saved = { difference: save(difference), magnified: save(ops.sub(magnified(input), magnified(target))) }
  // Of betas that are 0 as a float32 every difference is beyond.
  const bound = Math.max(Math.fround(beta), 2 ** -149) * magnification
  return {
    terms: ops.abs(difference),
    derivatives: () => {
      const within = toUnit(ops, ops.div(saved.magnified(), bound))
      const beyond = toUnit(ops, ops.div(saved.difference(), near))
      return [ops.where(ops.less(ops.abs(saved.difference()), near), within, beyond)]
    },
  }
}

export const smoothL1 = defineLoss({
  type: 'smoothL1',
  summary: '(ŷ − y)² / (2 beta) up to a difference of beta, |ŷ − y| − beta / 2 beyond: huber divided by its delta.',
  source: 'torch.nn.SmoothL1Loss',
  options: {
    beta: Type.Number({
      minimum: 0,
      maximum: 1e12,
      default: 1,
      description: 'The difference at which the square turns into a line; 0 is l1.',
    }),
  },
  target: 'number',
  unitPower: 1,
  targetShapes: sameShape,
  terms: (ops, call, { beta }) => {
    if (beta === 0) return differenceTerms(ops, call, ops.abs, ops.sign)
    if (beta < smallestNormal) return termsOfTinyBeta(ops, call, beta)
    return differenceTerms(
      ops,
      call,
      (difference) => {
        const size = ops.abs(difference)
        const square = ops.div(ops.mul(ops.mul(size, 0.5), size), beta)
        return ops.where(ops.less(size, beta), square, ops.sub(size, beta / 2))
      },
      (difference) => ops.where(ops.greaterEqual(ops.abs(difference), beta), ops.sign(difference), ops.div(difference, beta)),
    )
  },
})
