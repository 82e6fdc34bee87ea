/** A job's own preprocessing as operations of ONNX, in float64 as the service computes it: some operations, however many columns. */
import type { ColumnTransform, Plan } from '../../../contracts/plan.ts'
import type { LearnedStatistics } from '../../../contracts/training-state.ts'
import { present } from '../../../numerics/must.ts'
import { type OnnxGraph, reshaped } from './graph.ts'
import type { ElementType } from './messages.ts'

const [asFloat, asDouble] = [{ to: { integer: 1 } }, { to: { integer: 11 } }]
const columnAxis = { axis: { integer: 1 } }

/** Columns of a group, in the units of the dataset, as inputs of the model; the input itself if nothing is prepared. */
export const preparedInput = (
  graph: OnnxGraph,
  { data: { transforms, inputShape } }: Plan,
  learned: LearnedStatistics | undefined,
  group: number,
  input: string,
): string => {
  const columns = transforms?.[group]
  if (!columns || !learned) return input
  const flat = inputShape.length > 1 ? reshaped(graph, input, [columns.length]) : input
  const prepared = preparedColumns(graph, columns, learned, group, graph.add('Cast', [flat], asDouble))
  return inputShape.length > 1 ? reshaped(graph, prepared, inputShape) : prepared
}

/** Outputs of a model of standardized labels, in the units of the labels. */
export const restoredOutput = (graph: OnnxGraph, learned: LearnedStatistics | undefined, output: string): string => {
  if (!learned?.labels || learned.labels.means.length === 0) return output
  const { means, stds } = learned.labels
  const scaled = graph.add('Mul', [graph.add('Cast', [output], asDouble), graph.constant('double', stds)])
  return graph.add('Cast', [graph.add('Add', [scaled, graph.constant('double', means)])], asFloat)
}

const preparedColumns = (
  graph: OnnxGraph,
  columns: readonly ColumnTransform[],
  learned: LearnedStatistics,
  group: number,
  given: string,
): string => {
  const isMissing = graph.add('IsNaN', [given])
  const fills = learned.fills?.[group]?.map((fill) => fill ?? Number.NaN)
  const filled = fills ? graph.add('Where', [isMissing, graph.constant('double', fills), given]) : given
  const inputs = columns.flatMap((transform, at) => inputsOf(transform, learned, group, at))
  const ofEach = (type: ElementType, numberOf: (input: Input) => number): string => graph.constant(type, inputs.map(numberOf))
  const values = graph.add('Gather', [filled, ofEach('int64', ({ column }) => column)], columnAxis)
  const centered = graph.add('Sub', [values, ofEach('double', ({ center }) => center)])
  const scaled = graph.add('Div', [centered, ofEach('double', ({ width }) => width)])
  const prepared = [graph.add('Cast', [withCategories(graph, { inputs, ofEach, values, scaled })], asFloat)]
  const indicators = columns.flatMap(({ indicator }, at) => (indicator ? [at] : []))
  if (indicators.length === 0) return present(prepared[0])
  const indicated = graph.add('Gather', [graph.add('Cast', [isMissing], asFloat), graph.constant('int64', indicators)], columnAxis)
  return graph.add('Concat', [...prepared, indicated], columnAxis)
}

/** One input of the model: a column on its scale, or whether the column has this category, which none is if no training row has it. */
type Input = { column: number; center: number; width: number; category: number | undefined }

const inputsOf = (transform: ColumnTransform, learned: LearnedStatistics, group: number, column: number): Input[] => {
  const [center, width] = [present(learned.means[group]?.[column]), present(learned.stds[group]?.[column])]
  if (transform.kind !== 'oneHot') return [{ column, center, width, category: undefined }]
  const unseen = new Set(learned.unseen?.[group]?.[column])
  return Array.from({ length: transform.count }, (_, category) => ({
    ...{ column, center: 0, width: 1 },
    category: unseen.has(category) ? Number.NaN : transform.lowest + category,
  }))
}

type Scaled = {
  inputs: readonly Input[]
  ofEach: (type: ElementType, numberOf: (input: Input) => number) => string
  values: string
  scaled: string
}

const withCategories = (graph: OnnxGraph, { inputs, ofEach, values, scaled }: Scaled): string => {
  if (inputs.every(({ category }) => category === undefined)) return scaled
  const isEqual = graph.add('Equal', [values, ofEach('double', ({ category }) => category ?? Number.NaN)])
  const isCategory = graph.add('Cast', [isEqual], asDouble)
  const isOneHot = ofEach('bool', ({ category }) => Number(category !== undefined))
  return graph.add('Where', [isOneHot, isCategory, scaled])
}
