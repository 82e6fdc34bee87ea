/**
 * Operations in float64 on native TensorFlow. TensorFlow.js knows no such tensors, so they pass from operation to operation
 * by their numbers in the binding, and only what is float32 again becomes a tensor.
 */
import type * as TensorFlow from '@tensorflow/tfjs-core'
import type { OpAttribute } from './binding.ts'
import type { NativeTensorFlow } from './load.ts'

/** TensorFlow's number for the type. */
export const float64 = 2

/** A float64 tensor by its number. */
type Wide = { id: number }

export const createFloat64 = ({ backend }: NativeTensorFlow) => {
  /** What `compute` makes of float32 tensors in float64, as float32. Its operations are those it is given. */
  const inFloat64 = (
    compute: (call: {
      widen: (x: TensorFlow.Tensor) => Wide
      run: (name: string, attributes: readonly OpAttribute[], inputs: readonly (Wide | TensorFlow.Tensor)[]) => Wide
      type: (name: string, value: number) => OpAttribute
    }) => Wide,
  ): TensorFlow.Tensor => {
    const { binding } = backend
    const made: Wide[] = []
    const type = (name: string, value: number): OpAttribute => ({ name, type: binding.TF_ATTR_TYPE, value })
    const idOf = (input: Wide | TensorFlow.Tensor): number =>
      'dataId' in input ? (backend.getInputTensorIds([input])[0] as number) : input.id
    const execute = (name: string, attributes: readonly OpAttribute[], inputs: readonly (Wide | TensorFlow.Tensor)[]) => {
      const [output] = binding.executeOp(name, [...attributes], inputs.map(idOf), 1)
      if (!output) throw new Error(`${name} gives nothing`)
      return output
    }
    const cast = (from: number, to: number): OpAttribute[] => [
      type('SrcT', from),
      type('DstT', to),
      { name: 'Truncate', type: binding.TF_ATTR_BOOL, value: false },
    ]
    const run = (name: string, attributes: readonly OpAttribute[], inputs: readonly (Wide | TensorFlow.Tensor)[]): Wide => {
      const output = execute(name, attributes, inputs)
      made.push(output)
      return output
    }
    try {
      const result = compute({ widen: (x) => run('Cast', cast(binding.TF_FLOAT, float64), [x]), run, type })
      return backend.createOutputTensor(execute('Cast', cast(float64, binding.TF_FLOAT), [result]))
    } finally {
      for (const { id } of made) binding.deleteTensor(id)
    }
  }
  return inFloat64
}
