/**
 * The catalog's vocabulary on TensorFlow.js, for any of its backends. Operations are thin: what a backend executes,
 * or a tracer records, is one kernel each wherever the library allows it.
 */
import type * as TensorFlow from '@tensorflow/tfjs-core'
import type { Operand, Tensor, TensorOps } from '../../../src/catalog/ops.ts'
import { createTapeControl, type Tf, unwrap } from '../step/tape.ts'
import { createFusedOps } from './fused-ops.ts'
import { squaredNorm } from './long-sums.ts'

type Unary = (x: TensorFlow.Tensor) => TensorFlow.Tensor
type Binary = (a: TensorFlow.Tensor | number, b: TensorFlow.Tensor | number) => TensorFlow.Tensor
type Reduction = (x: TensorFlow.Tensor, axes?: number[], keepDims?: boolean) => TensorFlow.Tensor

/** The operations on whatever backend `tf` is set to. */
export const createTensorOps = (tf: Tf): TensorOps => {
  const tape = createTapeControl(tf)
  const { offTape, customGradient } = tape

  const mask =
    (op: Binary) =>
    (a: Operand, b: Operand): Tensor =>
      offTape(() => tf.cast(op(operand(a), operand(b)), 'float32'))

  const where: TensorOps['where'] = (chosen, a, b) => offTape(() => tf.where(tf.cast(unwrap(chosen), 'bool'), operand(a), operand(b)))

  /** Both backends without a norm of their own keep tensors in this process's memory. */
  const euclideanNorm: TensorOps['euclideanNorm'] = (tensors) =>
    offTape(() => {
      let total = 0
      for (const tensor of tensors) total += squaredNorm(unwrap(tensor).dataSync<'float32'>())
      return tf.scalar(Math.sqrt(total))
    })

  // WebAssembly's kernel writes integers into what shall be floats, and outside of its memory if an index is out of range.
  const oneHotByComparison = (indices: TensorFlow.Tensor, depth: number): TensorFlow.Tensor =>
    tf.cast(tf.equal(tf.reshape(tf.cast(indices, 'float32'), [...indices.shape, 1]), tf.range(0, depth, 1, 'float32')), 'float32')

  const oneHot = (indices: Tensor, depth: number): Tensor =>
    offTape(() => {
      const given = unwrap(indices)
      // TensorFlow.js refuses a depth of 1: a single class.
      if (tf.getBackend() === 'wasm' || depth === 1) return oneHotByComparison(given, depth)
      const whole = given.dtype === 'int32' ? given : tf.cast(given, 'int32')
      return tf.oneHot(whole as TensorFlow.Tensor1D, depth, 1, 0, 'float32')
    })

  return {
    scalar: (value) => tf.scalar(value),
    constant: (values, shape) => tf.tensor([...values], [...shape], 'float32'),
    add: binary(tf.add),
    sub: binary(tf.sub),
    mul: binary(tf.mul),
    div: binary(tf.div),
    maximum: binary(tf.maximum),
    minimum: binary(tf.minimum),
    neg: unary(tf.neg),
    abs: unary(tf.abs),
    sign: (x) => offTape(() => tf.sign(unwrap(x))),
    square: unary(tf.square),
    sqrt: unary(tf.sqrt),
    exp: unary(tf.exp),
    expm1: unary(tf.expm1),
    log: unary(tf.log),
    erf: unary(tf.erf),
    sigmoid: unary(tf.sigmoid),
    tanh: unary(tf.tanh),
    softplus: unary(tf.softplus),
    less: mask(tf.less),
    greater: mask(tf.greater),
    greaterEqual: mask(tf.greaterEqual),
    equal: mask(tf.equal),
    notEqual: mask(tf.notEqual),
    where,
    euclideanNorm,
    sum: reduction(tf.sum),
    mean: reduction(tf.mean),
    reshape: (x, shape) => tf.reshape(unwrap(x), [...shape]),
    cumulativeSum: (x) => offTape(() => tf.cumsum(unwrap(x), x.shape.length - 1)),
    matMul: (a, b, transposeA = false, transposeB = false) => tf.matMul(unwrap(a), unwrap(b), transposeA, transposeB),
    oneHot,
    ...createFusedOps(tf, tape, oneHot),
    withoutGradient: offTape,
    customGradient,
  }
}

const operand = (x: Operand): TensorFlow.Tensor | number => (typeof x === 'number' ? x : unwrap(x))

const unary =
  (op: Unary) =>
  (x: Tensor): Tensor =>
    op(unwrap(x))

const binary =
  (op: Binary) =>
  (a: Operand, b: Operand): Tensor =>
    op(operand(a), operand(b))

const reduction =
  (op: Reduction) =>
  (x: Tensor, axes?: readonly number[], keepDims = false): Tensor =>
    op(
      unwrap(x),
      axes?.map((axis) => (axis < 0 ? axis + x.shape.length : axis)),
      keepDims,
    )
