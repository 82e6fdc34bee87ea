/**
 * The vocabulary in which the catalog's formulas are written: a few operations on opaque tensors, so that a loss or
 * an optimizer is one small file that any backend can execute or trace, and reading the catalog loads no TensorFlow.
 * Operands broadcast as in NumPy; a number stands for a scalar tensor. Gradients flow through every operation
 * unless it says otherwise.
 */

/** A float32 tensor of some backend; masks and class indices are tensors too. Only its shape is known here. */
export type Tensor = { readonly shape: readonly number[] }

/** What an elementwise operation takes. */
export type Operand = Tensor | number

/** Smallest float32 that engines do not take for 0. */
export const smallestNormal = 2 ** -126

/** A number that is added so that nothing is divided by 0: if it is not 0 in float32, engines must not take it for 0 either. */
export const keptFromZero = (epsilon: number): number => (Math.fround(epsilon) > 0 ? Math.max(epsilon, smallestNormal) : epsilon)

/** Tensors by name. */
export type Tensors = Record<string, Tensor>

/** A tensor that must be there; its absence is a defect of the caller. */
export const given = (tensors: Tensors, name: string): Tensor => {
  const tensor = tensors[name]
  if (tensor === undefined) throw new Error(`the tensor ${name} is missing`)
  return tensor
}

type Unary = (x: Tensor) => Tensor
type Binary = (a: Operand, b: Operand) => Tensor

/** Keeps a tensor for the gradient; call what it gives there to get it back. */
export type Save = (tensor: Tensor) => () => Tensor

/** A value with its gradient in closed form: from d(result)/d(value) to d(result)/d(input), in the order of the inputs. */
export type Differentiable = { value: Tensor; gradients: (upstream: Tensor) => Tensor[] }

/** Cross-entropy of each row, and from what was saved its derivative by the logits. */
export type FusedCrossEntropy = { terms: Tensor; derivative: () => Tensor }

export type TensorOps = {
  scalar: (value: number) => Tensor
  /** A constant, flat and row-major. */
  constant: (values: readonly number[], shape: readonly number[]) => Tensor

  add: Binary
  sub: Binary
  mul: Binary
  div: Binary
  maximum: Binary
  minimum: Binary

  neg: Unary
  abs: Unary
  /** -1, 0 or 1; 0 for NaN, as in PyTorch. No gradient. */
  sign: Unary
  square: Unary
  sqrt: Unary
  exp: Unary
  expm1: Unary
  log: Unary
  erf: Unary
  relu: Unary
  sigmoid: Unary
  tanh: Unary
  /** log(1 + exp(x)), without overflow */
  softplus: Unary

  /** Comparisons give a mask of zeros and ones in float32, through which no gradient flows. */
  less: Binary
  greater: Binary
  greaterEqual: Binary
  equal: Binary
  notEqual: Binary
  /**
   * `a` where the mask is 1, `b` where it is 0: unlike a product with the mask, what is not chosen counts nothing, be it
   * infinite or NaN. No gradient.
   */
  where: (mask: Tensor, a: Operand, b: Operand) => Tensor

  /** Over the given axes, or all of them. */
  sum: (x: Tensor, axes?: readonly number[], keepDims?: boolean) => Tensor
  mean: (x: Tensor, axes?: readonly number[], keepDims?: boolean) => Tensor

  /** Root of the sum of all squares of all tensors, a scalar, added up in float64: no square overflows or vanishes. No gradient. */
  euclideanNorm: (tensors: readonly Tensor[]) => Tensor

  reshape: (x: Tensor, shape: readonly number[]) => Tensor
  /** Over the last axis; used on constants, so no gradient is asked of it. */
  cumulativeSum: Unary

  /** `[..., n, k] · [..., k, m]`, either side transposed in its last two axes. */
  matMul: (a: Tensor, b: Tensor, transposeA?: boolean, transposeB?: boolean) => Tensor
  /** `[..., units]` + `[units]` */
  biasAdd: (x: Tensor, bias: Tensor) => Tensor
  /** Zeros and ones in a new last axis; a row of zeros if the index is out of range. No gradient. */
  oneHot: (indices: Tensor, depth: number) => Tensor
  /** Over the last axis. */
  softmax: Unary
  logSoftmax: Unary
  /** Of logits `[..., C]` and class indices `[...]`, as one operation if the backend has it. */
  softmaxCrossEntropy: (logits: Tensor, classes: Tensor, save: Save) => FusedCrossEntropy

  /** What is computed inside is a constant to differentiation. */
  withoutGradient: (compute: () => Tensor) => Tensor
  /**
   * A function of the inputs whose gradient is given in closed form: nothing inside `compute` is differentiated, and
   * `gradients` may use only `upstream` and what was saved.
   */
  customGradient: (inputs: readonly Tensor[], compute: (save: Save) => Differentiable) => Tensor
}
