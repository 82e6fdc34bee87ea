/**
 * Max-pooling by oneDNN, whose gradient is told where each window's largest value lay. TensorFlow puts these kernels in
 * place of its own when it rewrites a graph, but inside a loop only if it happens to meet the pooling before its
 * gradient, which differs from process to process, and with it the time a step takes. Asked for by name they are there
 * in every process, compiled or not.
 * @see tensorflow/core/common_runtime/mkl_layout_pass.cc, MaxpoolGradRewrite
 */
import type * as TensorFlow from '@tensorflow/tfjs-core'
import { createTapeControl, unwrap } from '../../step/tape.ts'
import type { OpAttribute } from './binding.ts'
import type { NativeTensorFlow } from './load.ts'

/** Largest values of windows over `[batch, height, width, channels]`, without padding. */
export type MaxPool2d = (images: TensorFlow.Tensor4D, window: [number, number], strides: [number, number]) => TensorFlow.Tensor

/** oneDNN's pooling if this library has it and it works: builds for other processors, and old ones, have not. */
export const findOneDnnMaxPool = (native: NativeTensorFlow): MaxPool2d | undefined => {
  if (native.device !== 'cpu') return undefined
  const { tf } = native
  const maxPool = createOneDnnMaxPool(native)
  try {
    const places = tf.tidy(() => {
      const gradient = tf.grad((x) => tf.sum(maxPool(x as TensorFlow.Tensor4D, [2, 2], [2, 2])))
      return gradient(tf.tensor4d([1, 4, 3, 2], [1, 2, 2, 1])).dataSync()
    })
    return places.join() === '0,1,0,0' ? maxPool : undefined
  } catch {
    return undefined
  }
}

const createOneDnnMaxPool = ({ tf, backend }: NativeTensorFlow): MaxPool2d => {
  const { binding } = backend
  const { customGradient } = createTapeControl(tf)
  const attributesOf = (window: [number, number], strides: [number, number]): OpAttribute[] => [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'ksize', type: binding.TF_ATTR_INT, value: [1, ...window, 1] },
    { name: 'strides', type: binding.TF_ATTR_INT, value: [1, ...strides, 1] },
    { name: 'padding', type: binding.TF_ATTR_STRING, value: 'VALID' },
    { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
    { name: 'workspace_enabled', type: binding.TF_ATTR_BOOL, value: true },
    // The label under which TensorFlow registers kernels of oneDNN that take plain tensors.
    { name: '_kernel', type: binding.TF_ATTR_STRING, value: 'MklNameChangeOp' },
  ]
  return (images, window, strides) => {
    const attributes = attributesOf(window, strides)
    const pooled = customGradient([images], (save) => {
      const outputs = backend.executeMultipleOutputs('_MklNativeMaxPool', attributes, [images], 2)
      const [value, positions] = outputs as [TensorFlow.Tensor, TensorFlow.Tensor]
      const saved = [images, value, positions].map((tensor) => save(tensor))
      return {
        value,
        gradients: (upstream) => {
          const [source, largest, places] = saved.map((read) => unwrap(read())) as [TensorFlow.Tensor, TensorFlow.Tensor, TensorFlow.Tensor]
          return [backend.executeSingleOutput('_MklNativeMaxPoolGrad', attributes, [source, largest, unwrap(upstream), places])]
        },
      }
    })
    return unwrap(pooled)
  }
}
