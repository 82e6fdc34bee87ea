/** A trained model as an ONNX model, from the columns of the dataset to outputs in the units of the labels. */
import type { Plan } from '../../../contracts/plan.ts'
import type { LearnedStatistics } from '../../../contracts/training-state.ts'
import { must } from '../../../numerics/must.ts'
import type { WeightTensor, WrittenWeights } from '../weight-tensor.ts'
import { createOnnxGraph } from './graph.ts'
import { onnxLayer } from './layers.ts'
import { encodeModel, type Value } from './messages.ts'
import { preparedInput, restoredOutput } from './preprocessing.ts'

/** A column that the model takes: what stands for a category is its place among the levels. */
export type OnnxColumn = { name: string; type: string; levels?: readonly string[] }

type About = {
  jobId: string
  epoch: number
  learned: LearnedStatistics | undefined
  /** Of each group of features. */
  columns: readonly (readonly OnnxColumn[])[]
}

/**
 * One input `features` and one output `predictions`; of a loss with two inputs `a` and `b`, and `predictions.a` and `predictions.b`.
 * The columns are told in the metadata.
 */
export const toOnnx = (plan: Plan, weights: readonly WeightTensor[], { jobId, epoch, learned, columns }: About): WrittenWeights => {
  const graph = createOnnxGraph(weights)
  const groups = plan.data.featureColumns.length
  const inputs = plan.data.featureColumns.map(
    (_, group): Value => ({ name: nameOf('features', group, groups), shape: givenShape(plan, group) }),
  )
  const outputs = inputs.map((input, group): Value => {
    const prepared = preparedInput(graph, plan, learned, group, input.name)
    const output = plan.layers.reduce((value, layer) => onnxLayer(graph, layer, value), prepared)
    return { name: restoredOutput(graph, learned, output), shape: plan.outputShape }
  })
  const named = outputs.map(({ shape }, group): Value => ({ name: nameOf('predictions', group, groups), shape }))
  const nodes = [
    ...graph.nodes,
    ...named.map(({ name }, group) => ({ op: 'Identity', inputs: [must(outputs, group).name], output: name, attributes: {} })),
  ]
  const told = groups === 1 ? columns[0] : { a: columns[0], b: columns[1] }
  const metadata = { jobId, epoch: String(epoch), columns: JSON.stringify(told) }
  return { ...encodeModel({ nodes, initializers: graph.initializers, inputs, outputs: named, metadata }), inputs }
}

const nameOf = (what: 'features' | 'predictions', group: number, groups: number): string => {
  if (groups === 1) return what
  const letter = must(['a', 'b'], group)
  return what === 'features' ? letter : `${what}.${letter}`
}

/** An example as it is in the dataset: an image if the model reads one, else the columns. */
const givenShape = ({ data: { featureColumns, inputShape } }: Plan, group: number): readonly number[] =>
  inputShape.length > 1 ? inputShape : [must(featureColumns, group).length]
