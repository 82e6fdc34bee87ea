/**
 * Kernels in place of WebAssembly's own, over its memory: its sums lose digits, its sign is 0 for whatever is near 0, its
 * relu and the second operand of its larger and smaller of two turn NaN into a number.
 */
import type * as TensorFlow from '@tensorflow/tfjs-core'
import { sumGeometry, sumInto } from '../../ops/long-sums.ts'
import { type Info, inputOf, type Kernel, type Memory, written } from './kernel.ts'
import { averagePool, maxPool } from './pooling.ts'

type Tf = typeof TensorFlow

const infinityBits = 0x7f800000

// By bits, without a branch that a processor would guess wrong half of the time: negative numbers become 0, NaN of either sign stays.
const relu = elementwise((into, values) => {
  const [to, from] = [bitsOf(into), bitsOf(values)]
  for (let at = 0; at < from.length; at += 1) {
    const bits = from[at] as number
    const noNumber = (infinityBits - (bits & 0x7fffffff)) >> 31
    to[at] = bits & (~(bits >> 31) | noNumber)
  }
})

const sign = elementwise((into, values) => {
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] as number
    into[at] = value > 0 ? 1 : value < 0 ? -1 : 0
  }
})

const kernels: Record<string, Kernel> = {
  Sum: reduction(() => 1),
  Mean: reduction((length) => 1 / length),
  Relu: relu,
  Sign: sign,
  Maximum: chosen(Math.max),
  Minimum: chosen(Math.min),
  MaxPool: maxPool,
  AvgPool: averagePool,
}

/** Kernels that are in place. */
const replaced = new WeakSet<TensorFlow.KernelFunc>()

/** Puts the kernels in place of the backend's own, once. */
export const replaceWasmKernels = (tf: Tf): void => {
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    const own = tf.getKernel(kernelName, 'wasm')
    if (replaced.has(own.kernelFunc)) continue
    const kernelFunc: TensorFlow.KernelFunc = (call) => {
      const callOwn = (asked: typeof call) => own.kernelFunc(asked) as Info
      return kernel(call.backend as Memory, call, callOwn) ?? callOwn(call)
    }
    replaced.add(kernelFunc)
    tf.unregisterKernel(kernelName, 'wasm')
    tf.registerKernel({ ...own, kernelFunc })
  }
}

function reduction(factorOf: (length: number) => number): Kernel {
  return (memory, call) => {
    const x = inputOf(call, 'x')
    if (!x) return undefined
    const { axis, keepDims } = (call.attrs ?? {}) as { axis?: number | number[] | null; keepDims?: boolean }
    const given = typeof axis === 'number' ? [axis] : (axis ?? x.shape.map((_, at) => at))
    const axes = given.map((at) => (at < 0 ? at + x.shape.length : at))
    const geometry = sumGeometry(x.shape, axes)
    if (!geometry) return undefined
    const shape = x.shape.flatMap((size, at) => (axes.includes(at) ? (keepDims ? [1] : []) : [size]))
    return written(memory, shape, (into) => sumInto(into, memory.typedArrayFromHeap(x), geometry, factorOf(geometry.length)))
  }
}

function elementwise(apply: (into: Float32Array, values: Float32Array) => void): Kernel {
  return (memory, call) => {
    const x = inputOf(call, 'x')
    return x && written(memory, x.shape, (into) => apply(into, memory.typedArrayFromHeap(x)))
  }
}

function bitsOf({ buffer, byteOffset, length }: Float32Array): Int32Array {
  return new Int32Array(buffer, byteOffset, length)
}

/** The larger or the smaller of two; NaN if either is. The second may be a single number. */
function chosen(choose: (a: number, b: number) => number): Kernel {
  return (memory, call) => {
    const [a, b] = [inputOf(call, 'a'), inputOf(call, 'b')]
    if (!a || !b) return undefined
    const single = b.shape.length === 0
    if (!single && (a.shape.length !== b.shape.length || a.shape.some((size, axis) => size !== b.shape[axis]))) return undefined
    return written(memory, a.shape, (into) => {
      const [first, second] = [memory.typedArrayFromHeap(a), memory.typedArrayFromHeap(b)]
      for (let at = 0; at < first.length; at += 1) into[at] = choose(first[at] as number, second[single ? 0 : at] as number)
    })
  }
}
