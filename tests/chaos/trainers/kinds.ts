/** Kinds of trainers, with the requests that each is sent: a function of the request's number and the answer before, so the same each time. */
import type { Json } from '../../support/e2e/api.ts'
import { createRandom } from '../random.ts'

type Values = { shape: number[]; values: number[] }
export type Answer = {
  seq: number
  version: number
  results: { type: string; outputs?: Values; pass?: number; gradients?: (Values & { name: string })[] }[]
}

export type TrainerKind = {
  /** `variant` counts from 0. */
  config: (variant: number) => Json
  /** The operations of a request; numbers count from 1. */
  operations: (seq: number, before: Answer | undefined) => Json[]
  /** Updates of the parameters by each request, where all have as many. */
  updates?: number
}

const dense = (units: number, more: object = {}) => ({ type: 'dense', units, ...more })
const linear = { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 203, noiseStd: 0.01, seed: 1 } }
const blobs = { synthetic: { kind: 'blobs', centers: 4, features: 6, clusterStd: 1.2, examples: 150, seed: 3 } }

const pass = [{ type: 'zeroGradients' }, { type: 'forwardBackward' }]
const step = [{ type: 'batch', size: 10 }, ...pass, { type: 'step' }]

/** Examples that a client makes itself. */
const exampleRows = 4
const examples = (seq: number) => {
  const random = createRandom(seq, 'examples')
  const row = (): number[] => Array.from({ length: 3 }, () => random.between(-1000, 1000) / 500)
  const features = Array.from({ length: exampleRows }, row)
  return { features, labels: features.map(([a = 0, b = 0, c = 0]) => [a - 2 * b + c / 2]) }
}

/** A program's own loss, gradients and update, in five requests: each needs what the one before it answered. */
const byHand = (seq: number, before: Answer | undefined): Json[] => {
  const round = Math.floor((seq - 1) / 5)
  const batch = examples(round)
  const told = before?.results.at(-1)
  const turns: (() => Json[])[] = [
    () => [{ type: 'batch', ...batch }, { type: 'forward' }],
    () => {
      const { shape = [], values = [] } = told?.outputs ?? {}
      const gradients = values.map((value, at) => (2 * (value - (batch.labels[at]?.[0] ?? 0))) / exampleRows)
      return [{ type: 'backward', outputGradients: { shape, values: gradients }, ifVersion: before?.version ?? 0, pass: told?.pass ?? 1 }]
    },
    () => [{ type: 'gradients' }],
    () => {
      const deltas = (told?.gradients ?? []).map(({ name, values }) => ({ name, values: values.map((value) => -0.02 * value) }))
      return [{ type: 'update', deltas }, { type: 'zeroGradients' }]
    },
    () => [round % 4 === 3 ? { type: 'load', name: 'kept' } : { type: 'save', name: 'kept' }],
  ]
  return turns[(seq - 1) % 5]?.() ?? []
}

/** Every kind by its name. */
export const trainerKinds: Record<string, TrainerKind> = {
  steps: {
    config: (variant) => ({
      dataset: linear,
      model: { layers: [dense(1)] },
      optimizer: { type: 'sgd', learningRate: 0.03, momentum: 0.9 },
      seed: 42 + variant,
    }),
    operations: () => step,
    updates: 1,
  },
  dropout: {
    config: (variant) => ({
      dataset: blobs,
      model: { layers: [dense(16, { activation: 'relu' }), { type: 'dropout', p: 0.3 }, dense(4)] },
      loss: { type: 'crossEntropy' },
      optimizer: { type: 'adam', learningRate: 0.003 },
      seed: 11 + variant,
    }),
    operations: (seq) => [
      { type: 'batch', size: 16, epoch: 1 + Math.floor(seq / 10), index: seq % 10 },
      ...pass,
      { type: 'gradients', reduce: 'norm' },
      { type: 'step' },
    ],
    updates: 1,
  },
  batchNorm: {
    config: (variant) => ({
      dataset: blobs,
      model: { layers: [dense(8), { type: 'batchNorm' }, { type: 'activation', activation: 'relu' }, dense(4)] },
      loss: { type: 'crossEntropy' },
      optimizer: { type: 'adamw', learningRate: 0.01 },
      engine: 'eager',
      seed: 21 + variant,
    }),
    operations: (seq) => [...step, ...(seq % 7 === 0 ? [{ type: 'evaluate', metrics: ['accuracy'] }] : [])],
    updates: 1,
  },
  loops: {
    config: (variant) => ({
      dataset: linear,
      model: { layers: [dense(4, { activation: 'tanh' }), dense(1)] },
      optimizer: { type: 'rmsprop', learningRate: 0.002 },
      seed: 31 + variant,
    }),
    operations: () => [{ type: 'repeat', times: 20, operations: step }],
    updates: 20,
  },
  byHand: {
    config: (variant) => ({
      inputShape: [3],
      model: { layers: [dense(4, { activation: 'tanh' }), { type: 'dropout', p: 0.2 }, dense(1)] },
      seed: 51 + variant,
    }),
    operations: byHand,
  },
}
