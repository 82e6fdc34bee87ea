import { toJson } from '../weights/formats/json.ts'
import { toNpz } from '../weights/formats/npz.ts'
import { toSafetensors } from '../weights/formats/safetensors.ts'
import type { WeightTensor, WrittenWeights } from '../weights/weight-tensor.ts'

type Parameters = { trainerId: string; version: number; tensors: readonly WeightTensor[] }

/** The parameters of a trainer as a file. */
export const writeParameters = (format: 'json' | 'safetensors' | 'npz', { trainerId, version, tensors }: Parameters): WrittenWeights => {
  if (format === 'safetensors') return toSafetensors(tensors, { trainerId, version: String(version) })
  return { chunks: format === 'npz' ? toNpz(tensors) : toJson(tensors, { trainerId, version }) }
}
