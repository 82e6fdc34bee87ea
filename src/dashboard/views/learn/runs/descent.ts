/**
 * Stochastic gradient descent for y = Xw + b, one step at a time: the service draws the mini-batch and gives the loss with its gradient
 * with respect to each prediction; the rest of the chain rule and the step itself are done here.
 */
import { get } from '../../../api/client.ts'
import type { Batch } from '../../../api/types.ts'
import type { Config } from '../../new-job/draft.ts'
import { type DescentStep, maxSteps } from '../answers.ts'
import { backward, predict } from './linear-model.ts'
import { evaluateLoss } from './loss.ts'
import { invalid, type Run } from './run.ts'

export const runDescent: Run = async ({ body, more, before, find, tell, signal }) => {
  const { dataset } = find('data')
  const { weights, bias, ...settings } = readBody(body)
  let steps = more > 0 && before?.kind === 'descent' ? before.steps : []
  const truth = dataset.truth?.weights && { weights: dataset.truth.weights, bias: dataset.truth.bias ?? 0 }
  for (let left = Math.max(1, more); left > 0 && steps.length < maxSteps; left--) {
    const from = steps.at(-1)?.next ?? { weights, bias }
    // Every step sees a mini-batch of its own; the first one that of the seed.
    const query = `batchSize=${settings.batchSize}&seed=${settings.seed + steps.length}`
    const batch = await get<Batch>(`/datasets/${dataset.id}/batch?${query}`, { signal })
    steps = [...steps, await takeStep(from, batch, settings, signal)]
    tell({ kind: 'descent', truth: truth || undefined, steps })
  }
}

type Settings = { loss: string; reduction: string; learningRate: number; batchSize: number; seed: number }

const takeStep = async (
  { weights, bias }: DescentStep['next'],
  batch: Batch,
  { loss: type, reduction, learningRate }: Settings,
  signal: AbortSignal,
): Promise<DescentStep> => {
  const [features, labels] = numbersOf(batch)
  const width = features[0]?.length ?? 0
  if (weights.length !== width) throw invalid('/weights', `must be a list of ${width} numbers, one per feature; got ${weights.length}`)
  const predictions = predict(features, weights, bias)
  if (!predictions.every(isFloat32))
    throw invalid('/learningRate', 'was too large: the predictions are beyond all numbers. Begin anew with a smaller one')
  const shape = [labels.length, 1]
  const request = { inputs: [{ shape, values: predictions }], target: { shape, values: labels }, reduction }
  const { value, gradients } = await evaluateLoss(type, request, signal)
  const predictionGradients = gradients.map(Number)
  const { weightGradients, biasGradient } = backward(features, predictionGradients)
  return {
    features,
    labels,
    predictions,
    request: { path: `/v1/losses/${type}/evaluate`, body: request },
    weights,
    bias,
    loss: Number(value),
    predictionGradients,
    weightGradients,
    biasGradient,
    learningRate,
    next: {
      weights: weights.map((weight, at) => weight - learningRate * (weightGradients[at] ?? 0)),
      bias: bias - learningRate * biasGradient,
    },
  }
}

/** Features and the one label of each row. */
const numbersOf = ({ features, labels, labelNames }: Batch): [number[][], number[]] => {
  const cells = [...features.flat(), ...labels.flat()]
  if (labelNames.length !== 1 || cells.some((cell) => cell === null))
    throw new Error('A step by hand needs data with one label and without missing values')
  return [features.map((row) => row.map(Number)), labels.map(([label]) => Number(label))]
}

const isFloat32 = (value: number): boolean => Number.isFinite(Math.fround(value))

const readBody = (body: Config): Settings & DescentStep['next'] => {
  const number = (name: string): number => {
    const value = body[name]
    if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(`/${name}`, 'must be a number')
    return value
  }
  const { weights, loss, reduction } = body
  if (!Array.isArray(weights) || !weights.every((weight) => typeof weight === 'number'))
    throw invalid('/weights', 'must be a list of numbers, one per feature')
  if (typeof loss !== 'string') throw invalid('/loss', 'must be the type of a loss: "halfSquared", "mse", "l1", "huber"')
  if (reduction !== 'mean' && reduction !== 'sum') throw invalid('/reduction', 'must be "mean" or "sum"')
  return {
    weights: weights.filter((weight) => typeof weight === 'number'),
    bias: number('bias'),
    loss,
    reduction,
    learningRate: number('learningRate'),
    batchSize: number('batchSize'),
    seed: number('seed'),
  }
}
