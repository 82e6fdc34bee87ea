/** How the weights of an epoch are written in each format. A format that has no writer here does not compile. */

import { toJsonPieces } from '../../api/write-json.ts'
import type { Plan } from '../../contracts/plan.ts'
import type { LearnedStatistics } from '../../contracts/training-state.ts'
import { toJson } from './formats/json.ts'
import { toNpz } from './formats/npz.ts'
import { toSafetensors } from './formats/safetensors.ts'
import type { WeightFormat } from './formats.ts'
import { toLayersModel } from './layers-model/layers-model.ts'
import { type OnnxColumn, toOnnx } from './onnx/onnx-model.ts'
import { toTorch } from './torch/layout.ts'
import type { WeightTensor, WrittenWeights } from './weight-tensor.ts'

/** Weights that are about to be written. What only some formats ask for is read when one does. */
export type WeightsToWrite = {
  jobId: string
  epoch: number
  tensors: readonly WeightTensor[]
  /** Whose names and layouts; a format that has layouts of its own does not look. */
  layout?: 'torch' | 'native'
  plan: () => Promise<Plan>
  /** What preprocessing learned from the training rows. */
  learned: () => Promise<LearnedStatistics | undefined>
  /** What the model takes, of each group of features. */
  columns: () => Promise<OnnxColumn[][]>
}

/** @throws Problem FORMAT_UNSUPPORTED naming layers that the format has no words for */
type WriteWeights = (weights: WeightsToWrite) => Promise<WrittenWeights>

export const weightWriters = {
  json: async (weights) => {
    const { tensors, modules } = await laidOut(weights)
    return { chunks: toJson(tensors, { jobId: weights.jobId, epoch: weights.epoch, ...(modules ? { modules } : {}) }) }
  },
  safetensors: async (weights) => {
    const { tensors, modules } = await laidOut(weights)
    // Programs look for `format: pt` before they take tensors for PyTorch's.
    const torch: Record<string, string> = modules ? { format: 'pt', modules: modules.join('\n') } : {}
    return toSafetensors(tensors, { ...torch, jobId: weights.jobId, epoch: String(weights.epoch) })
  },
  npz: async (weights) => ({ chunks: toNpz((await laidOut(weights)).tensors) }),
  onnx: async ({ jobId, epoch, tensors, plan, learned, columns }) =>
    toOnnx(await plan(), tensors, { jobId, epoch, learned: await learned(), columns: await columns() }),
  layersModel: async (weights) => ({ chunks: toJsonPieces((await asLayersModel(weights)).model) }),
} satisfies Record<WeightFormat, WriteWeights>

/** The weights as a LayersModel: its description, and the tensors that this refers to. @throws Problem as a writer does */
export const asLayersModel = async ({ jobId, epoch, tensors, plan, learned }: WeightsToWrite) =>
  toLayersModel(await plan(), tensors, { jobId, epoch, learned: await learned() })

/** The tensors under the names and in the layouts that are asked for; `modules` is the Python of PyTorch's. */
const laidOut = async ({
  layout,
  tensors,
  epoch,
  plan,
}: WeightsToWrite): Promise<{ tensors: readonly WeightTensor[]; modules?: string[] }> =>
  layout === 'torch' ? toTorch(await plan(), tensors, epoch) : { tensors }
