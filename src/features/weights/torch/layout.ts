/** Our weights under the names and in the layouts of a `state_dict` of PyTorch. */
import type { Plan } from '../../../contracts/plan.ts'
import { toBytes, toFloats, type WeightTensor } from '../weight-tensor.ts'
import { toSequential } from './sequential.ts'
import type { TorchTensor } from './torch-modules.ts'
import { transpose } from './transpose.ts'

/** The tensors, and the modules of the `torch.nn.Sequential` that loads them, in Python. */
export type TorchWeights = { tensors: WeightTensor[]; modules: string[] }

/** Batches that an epoch's running statistics have seen are the steps up to its end. */
export const toTorch = ({ layers, stepsPerEpoch }: Plan, weights: readonly WeightTensor[], epoch: number): TorchWeights => {
  const ours = new Map(weights.map((weight) => [weight.name, weight]))
  const modules = toSequential(layers)
  const tensors = modules.flatMap((module, index) =>
    module.tensors.map((tensor) => {
      const name = `${index}.${tensor.name}`
      return 'count' in tensor ? counted(name, epoch * stepsPerEpoch) : moved(name, tensor, ours.get(tensor.from))
    }),
  )
  return { tensors, modules: modules.map(({ code }) => code) }
}

const isIdentity = (axes: readonly number[]): boolean => axes.every((axis, at) => axis === at)

const moved = (name: string, tensor: TorchTensor, ours: WeightTensor | undefined): WeightTensor => {
  if ('count' in tensor || !ours) throw new Error(`no weight becomes ${name}`)
  const { shape, axes, torchShape } = tensor
  const read = async (): Promise<Uint8Array> => {
    const bytes = await ours.read()
    return isIdentity(axes) ? bytes : toBytes(transpose(toFloats(bytes), shape, axes))
  }
  return { ...ours, name, shape: torchShape, read }
}

const counted = (name: string, count: number): WeightTensor => ({
  name,
  shape: [],
  dtype: 'I64',
  norm: count,
  read: async () => toBytes(BigInt64Array.of(BigInt(count))),
})
