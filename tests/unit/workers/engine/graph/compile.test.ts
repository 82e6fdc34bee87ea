import assert from 'node:assert/strict'
import { it } from 'node:test'
import type * as TensorFlow from '@tensorflow/tfjs-core'
import type { NativeTensorFlow } from '../../../../../workers/engine/backends/native/load.ts'
import { compile } from '../../../../../workers/engine/graph/compile.ts'
import type { Computation } from '../../../../../workers/engine/graph/computation.ts'
import { openSession } from '../../../../../workers/engine/graph/session.ts'
import { UntraceableError } from '../../../../../workers/engine/graph/trace.ts'
import { onNative } from '../../../../support/native.ts'

type Tensor = TensorFlow.Tensor
type Change = (state: Tensor, rows: Tensor, tf: typeof TensorFlow) => Tensor

/** One number per row, a state of shape `[2, 3]` that each step changes. */
const changing = ({ tf }: NativeTensorFlow, change: Change): Computation => ({
  columns: [[]],
  state: [[2, 3]],
  results: [[]],
  noise: () => [],
  step: ({ state, rows }) => {
    const changed = change(state[0] as Tensor, rows[0] as Tensor, tf)
    return { state: [changed], loss: tf.sum(rows[0] as Tensor), results: [tf.sum(changed)] }
  },
  evaluate: ({ rows }) => [tf.sum(rows[0] as Tensor)],
})

const size = { rows: 4, validationRows: 0, batchSize: 2, unrolled: 1, lastBatch: 0, evaluationBatch: 4 }

const operationsOf = (native: NativeTensorFlow, change: Change): string[] => {
  const { operations } = compile(native, changing(native, change), size)
  return operations.filter((op) => op !== 'Sum')
}

/** The state after two steps over the rows 1, 2, 3, 4, from 0, 1, 2, 3, 4, 5. */
const stateAfter = (native: NativeTensorFlow, change: Change): number[] => {
  const session = openSession(native.backend.binding, compile(native, changing(native, change), size).savedModel)
  try {
    session.run([{ name: 'training-0/in', type: 1, shape: [4], values: Float32Array.of(1, 2, 3, 4) }], ['training/loaded'])
    session.run([{ name: 'state-0/in', type: 1, shape: [2, 3], values: Float32Array.of(0, 1, 2, 3, 4, 5) }], ['state/loaded'])
    const feeds = [
      { name: 'steps/rows', type: 3, shape: [2, 2], values: Int32Array.of(0, 1, 2, 3) },
      { name: 'steps/count', type: 3, shape: [], values: Int32Array.of(2) },
      { name: 'learning-rate', type: 1, shape: [], values: Float32Array.of(0.5) },
      { name: 'first-step', type: 1, shape: [], values: Float32Array.of(1) },
      { name: 'loss-sum', type: 3, shape: [2], values: new Int32Array(Float64Array.of(100).buffer) },
    ]
    const [sum] = session.run(feeds, ['steps/loss-sum'])
    assert.equal(new Float64Array((sum as Int32Array).slice().buffer)[0], 110, 'losses are added to what was there')
    const [state, total] = session.run([], ['state-0', 'result-0'])
    const sumOfState = Array.from(state ?? []).reduce((a, b) => a + b)
    assert.ok(Math.abs((total?.[0] ?? 0) - sumOfState) <= 1e-6 * Math.abs(sumOfState))
    return Array.from(state ?? [])
  } finally {
    session.close()
  }
}

await onNative('a compiled computation', (native) => {
  // CUDA has one product for all sizes.
  const small = native().device === 'cpu' ? 'SparseMatMul' : 'MatMul'

  it('a compiled program makes as many steps as it is told, each on its own rows', () => {
    const state = stateAfter(native(), (x, rows, tf) => tf.add(x, tf.sum(rows)))
    assert.deepEqual(state, [10, 11, 12, 13, 14, 15])
  })

  const undone: [string, Change][] = [
    ['two transpositions', (x, _, tf) => tf.transpose(tf.transpose(x))],
    ['reshapes to and fro', (x, _, tf) => tf.reshape(tf.reshape(x, [6]), [2, 3])],
    ['a sum with zeros', (x, _, tf) => tf.add(x, tf.zeros([2, 3]))],
    ['a product with one', (x, _, tf) => tf.mul(x, 1)],
    ['a quotient by one', (x, _, tf) => tf.div(x, 1)],
    ['a cast to its own type', (x, _, tf) => tf.cast(x, 'float32')],
    ['a sum over no axis', (x, _, tf) => tf.sum(x, [])],
  ]
  for (const [what, change] of undone)
    it(`a compiled program leaves out ${what}`, () => {
      assert.deepEqual(operationsOf(native(), change), [])
      assert.deepEqual(stateAfter(native(), change), [0, 1, 2, 3, 4, 5])
    })

  it('multiplies matrices without batch kernels, transposed sides read in place', () => {
    const change: Change = (x, _, tf) =>
      tf.matMul(tf.matMul(x as TensorFlow.Tensor2D, tf.transpose(x) as TensorFlow.Tensor2D), x as TensorFlow.Tensor2D)
    assert.deepEqual(operationsOf(native(), change), [small, small])
    const plain = native().tf.tidy(() => {
      const step = (x: Tensor): Tensor => change(x, x, native().tf)
      return Array.from(step(step(native().tf.tensor2d([0, 1, 2, 3, 4, 5], [2, 3]))).dataSync())
    })
    assert.deepEqual(stateAfter(native(), change), plain)
  })

  it('a compiled program leaves small products of matrices to Eigen, and large ones to oneDNN', () => {
    const times = (units: number) => (x: Tensor, _: Tensor, tf: typeof TensorFlow) =>
      tf.sum(tf.matMul(tf.mul(tf.ones([64, 3]), tf.sum(x)) as TensorFlow.Tensor2D, tf.ones([3, units])))
    const product = (units: number) => operationsOf(native(), times(units)).filter((op) => op.endsWith('MatMul'))
    assert.deepEqual([product(64), product(128)], [[small], ['MatMul']])
  })

  it('a compiled program does equal operations once, and those of nobody never', () => {
    const change: Change = (x, _, tf) => {
      tf.exp(x)
      return tf.mul(tf.sqrt(x), tf.sqrt(x))
    }
    assert.deepEqual(operationsOf(native(), change), ['Sqrt', 'Mul'])
  })

  it('computes what depends on constants alone when it compiles', () => {
    assert.deepEqual(
      operationsOf(native(), (x, _, tf) => tf.add(x, tf.exp(tf.scalar(1)))),
      ['Add'],
    )
  })

  it('a compiled program refuses a step that reads its tensors', () => {
    const change: Change = (x, rows, tf) => tf.mul(x, rows.dataSync()[0] ?? 0)
    assert.throws(() => operationsOf(native(), change), UntraceableError)
    // And leaves the backend as it was.
    assert.equal(native().tf.scalar(2).dataSync()[0], 2)
  })

  it('a compiled program leaves no tensor behind', () => {
    const { binding } = native().backend
    const before = binding.getNumOfTensors()
    stateAfter(native(), (x, rows, tf) => tf.add(x, tf.sum(rows)))
    assert.equal(binding.getNumOfTensors(), before)
  })
})
