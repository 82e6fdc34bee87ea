/**
 * Operations for which native TensorFlow has one kernel where TensorFlow.js composes several, mostly in gradients: its
 * gradient of relu alone is seven operations there. Values are the same to rounding.
 */

import type * as TensorFlow from '@tensorflow/tfjs-core'
import type { LayerOps } from '../../../../src/catalog/layers/layer-ops.ts'
import type { Operand, Tensor, TensorOps } from '../../../../src/catalog/ops.ts'
import { lastOf } from '../../../../src/numerics/must.ts'
import { createTapeControl, unwrap } from '../../step/tape.ts'
import type { OpAttribute } from './binding.ts'
import { createFloat64, float64 } from './float64.ts'
import type { NativeTensorFlow } from './load.ts'
import { minTerms } from './long-sums.ts'

/** `ops` with native kernels in their place. */
export const withNativeKernels = (ops: TensorOps, native: NativeTensorFlow): TensorOps => {
  const { tf, backend, device } = native
  const inFloat64 = createFloat64(native)
  const { customGradient } = createTapeControl(tf)
  const float: OpAttribute[] = [{ name: 'T', type: backend.binding.TF_ATTR_TYPE, value: backend.binding.TF_FLOAT }]
  const kernel = (name: string, ...inputs: TensorFlow.Tensor[]): TensorFlow.Tensor => backend.executeSingleOutput(name, float, inputs)

  /** A function whose gradient is one kernel over its output and the upstream gradient, in the order the kernel takes. */
  const fromOutput =
    (forward: string, backward: (output: TensorFlow.Tensor, upstream: TensorFlow.Tensor) => TensorFlow.Tensor) =>
    (x: Tensor): Tensor =>
      customGradient([x], (save) => {
        const value = kernel(forward, unwrap(x))
        const saved = save(value)
        return { value, gradients: (upstream) => [backward(unwrap(saved()), unwrap(upstream))] }
      })

  const fromInput =
    (forward: string, backward: (input: TensorFlow.Tensor, upstream: TensorFlow.Tensor) => TensorFlow.Tensor) =>
    (x: Tensor): Tensor =>
      customGradient([x], (save) => {
        const saved = save(x)
        return {
          value: kernel(forward, unwrap(x)),
          gradients: (upstream) => [backward(unwrap(saved()), unwrap(upstream))],
        }
      })

  const sumOfRows = (rows: TensorFlow.Tensor): TensorFlow.Tensor => {
    const axes = rows.shape.slice(0, -1).map((_, axis) => axis)
    return rows.size / lastOf(rows.shape) < minTerms ? kernel('BiasAddGrad', rows) : tf.sum(rows, axes)
  }

  const biasAdd: TensorOps['biasAdd'] = (x, bias) => {
    if (x.shape.length < 2) return ops.biasAdd(x, bias)
    return customGradient([x, bias], () => ({
      value: kernel('BiasAdd', unwrap(x), unwrap(bias)),
      gradients: (upstream) => [tf.clone(unwrap(upstream)), sumOfRows(unwrap(upstream))],
    }))
  }

  const logSoftmax = (x: Tensor): Tensor =>
    customGradient([x], (save) => {
      const value = kernel('LogSoftmax', unwrap(x))
      const saved = save(value)
      return {
        value,
        gradients: (upstream) => {
          const dy = unwrap(upstream)
          return [tf.sub(dy, tf.mul(tf.exp(unwrap(saved())), tf.sum(dy, -1, true)))]
        },
      }
    })

  const softmaxCrossEntropy: TensorOps['softmaxCrossEntropy'] = (logits, classes, save) => {
    const depth = lastOf(logits.shape)
    const flat = tf.reshape(unwrap(logits), [-1, depth])
    const targets = tf.reshape(unwrap(ops.oneHot(classes, depth)), [-1, depth])
    const [terms, derivative] = backend.executeMultipleOutputs('SoftmaxCrossEntropyWithLogits', float, [flat, targets], 2)
    const saved = save(tf.reshape(derivative as TensorFlow.Tensor, [...logits.shape]))
    return { terms: tf.reshape(terms as TensorFlow.Tensor, [...classes.shape]), derivative: saved }
  }

  // SelectV2 broadcasts by itself, where TensorFlow.js would spread all three first.
  const where: TensorOps['where'] = (mask, a, b) => {
    const spread = (x: Operand): TensorFlow.Tensor => (typeof x === 'number' ? tf.scalar(x) : unwrap(x))
    return ops.withoutGradient(() => kernel('SelectV2', tf.cast(unwrap(mask), 'bool'), spread(a), spread(b)))
  }

  const euclideanNorm: TensorOps['euclideanNorm'] = (tensors) =>
    ops.withoutGradient(() =>
      inFloat64(({ widen, run, type }) => {
        const wide = [type('T', float64)]
        // L2Loss is half the sum of squares.
        const halves = tensors.map((tensor) => run('L2Loss', wide, [widen(unwrap(tensor))]))
        const total = halves.reduce((sum, half) => run('AddV2', wide, [sum, half]))
        return run('Sqrt', wide, [run('AddV2', wide, [total, total])])
      }),
    )

  // TensorFlow's own gives NaN for NaN.
  const sign: TensorOps['sign'] = (x) => ops.withoutGradient(() => tf.sub(unwrap(ops.greater(x, 0)), unwrap(ops.less(x, 0))))

  return {
    ...ops,
    where,
    euclideanNorm,
    sign,
    abs: fromInput('Abs', (x, upstream) => tf.mul(upstream, unwrap(sign(x)))),
    relu: fromOutput('Relu', (y, upstream) => kernel('ReluGrad', upstream, y)),
    sigmoid: fromOutput('Sigmoid', (y, upstream) => kernel('SigmoidGrad', y, upstream)),
    tanh: fromOutput('Tanh', (y, upstream) => kernel('TanhGrad', y, upstream)),
    softplus: fromInput('Softplus', (x, upstream) => kernel('SoftplusGrad', upstream, x)),
    biasAdd,
    logSoftmax,
    // On CUDA this kernel refuses to run if the same bits are asked for.
    ...(device === 'cpu' && { softmaxCrossEntropy }),
  }
}

/**
 * Layer operations with native kernels in their place: TensorFlow.js's look-up reads its indices back from the backend,
 * which no graph can.
 */
export const withNativeLayerKernels = (ops: LayerOps, native: NativeTensorFlow): LayerOps => {
  const { tf, backend } = native
  const { binding } = backend
  const inFloat64 = createFloat64(native)
  const typed = (name: string, value: number): OpAttribute => ({ name, type: binding.TF_ATTR_TYPE, value })
  const { TF_FLOAT: float, TF_INT32: int32 } = binding

  const lookUp: LayerOps['lookUp'] = (table, indices) => {
    const [rows = 0, units = 1] = table.shape
    const flat = tf.cast(tf.reshape(unwrap(indices), [-1]), 'int32')
    const found = ops.customGradient([table], (save) => {
      const saved = save(flat)
      const gather = [
        typed('Tparams', float),
        typed('Tindices', int32),
        typed('Taxis', int32),
        { name: 'batch_dims', type: binding.TF_ATTR_INT, value: 0 },
      ]
      const sum = [typed('T', float64), typed('Tindices', int32), typed('Tnumsegments', int32)]
      return {
        value: backend.executeSingleOutput('GatherV2', gather, [unwrap(table), flat, tf.scalar(0, 'int32')]),
        gradients: (upstream) => [
          inFloat64(({ widen, run }) =>
            run('UnsortedSegmentSum', sum, [widen(unwrap(upstream)), unwrap(saved()), tf.scalar(rows, 'int32')]),
          ),
        ],
      }
    })
    return ops.reshape(found, [...indices.shape, units])
  }

  return { ...ops, lookUp }
}
