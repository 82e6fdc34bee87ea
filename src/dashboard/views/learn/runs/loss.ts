/** Losses and initializers without training. */
import { send } from '../../../api/client.ts'
import type { JsonNumber } from '../../../api/types.ts'
import { isObject, type Json } from '../../new-job/draft.ts'
import { invalid, type Run } from './run.ts'

type Tensor = { shape: number[]; values: JsonNumber[] }
type LossValue = { value: JsonNumber | Tensor; gradients: Tensor[] }

/** The value of a loss, a list for reduction none, and its gradient with respect to the predictions. @throws ApiError */
export const evaluateLoss = async (
  type: string,
  body: object,
  signal: AbortSignal,
): Promise<{ value: JsonNumber | JsonNumber[]; gradients: JsonNumber[] }> => {
  const answer = await send<LossValue>('POST', `/losses/${encodeURIComponent(type)}/evaluate`, body, { signal })
  const value = answer?.value ?? Number.NaN
  return { value: typeof value === 'object' ? value.values : value, gradients: answer?.gradients[0]?.values ?? [] }
}

export const runLoss: Run = async ({ body, type, tell, signal }) => {
  const answer = await evaluateLoss(type, body, signal)
  const [first] = Array.isArray(body.inputs) ? body.inputs : []
  tell({ kind: 'loss', predictions: numbersOf(first), labels: numbersOf(body.target), ...answer })
}

/** The same request to each of the step's losses. */
export const runLossCurves: Run = async ({ step, body, tell, signal }) => {
  const [first] = Array.isArray(body.inputs) ? body.inputs : []
  const [predictions, labels] = [numbersOf(first), numbersOf(body.target)]
  const losses = await Promise.all(
    (step.types ?? []).map(async (type) => {
      const { value, gradients } = await evaluateLoss(type, body, signal)
      return { type, values: [value].flat(), gradients }
    }),
  )
  // A chart wants its x ascending.
  const order = predictions.map((_, at) => at).toSorted((a, b) => difference(a) - difference(b))
  function difference(at: number): number {
    return Number(predictions[at]) - Number(labels[at])
  }
  tell({
    kind: 'lossCurves',
    differences: order.map(difference),
    losses: losses.map(({ type, values, gradients }) => ({ type, values: pick(values, order), gradients: pick(gradients, order) })),
  })
}

/** Values that a histogram is made of. */
const maxValues = 1_000_000

export const runSample: Run = async ({ body, type, tell, signal }) => {
  type Sample = { values: JsonNumber[]; mean: JsonNumber; std: JsonNumber; min: JsonNumber; max: JsonNumber }
  const size = (Array.isArray(body.shape) ? body.shape : []).reduce<number>((product, length) => product * Number(length), 1)
  if (size > maxValues) throw invalid('/shape', `makes ${size} values; the page draws ${maxValues} at most`)
  const answer = await send<Sample>('POST', `/initializers/${type}/sample`, body, { signal })
  if (!answer) return
  const { values, mean, std, min, max } = answer
  tell({ kind: 'sample', values: values.map(Number), mean, std, min, max })
}

/** With a reduction to one number there is one value for all. */
const pick = (values: JsonNumber[], order: number[]): JsonNumber[] => order.map((at) => values[at] ?? values[0] ?? Number.NaN)

const numbersOf = (tensor: Json | undefined): number[] =>
  isObject(tensor) && Array.isArray(tensor.values) ? tensor.values.map(Number) : []
