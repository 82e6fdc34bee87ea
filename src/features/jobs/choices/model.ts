/** The model of a job that was given none, and what a model that was given ends in. */
import { defaultsOf } from '../../../catalog/definition.ts'
import { type LayerConfig, layerCatalog, layerDefinition } from '../../../catalog/layers/all-layers.ts'
import { hiddenUnits } from './rules.ts'

/** How many outputs a model has, if a linear map gives them, and its last activation. */
export type ModelEnd = { outputs?: number; activation: string }

export const endOf = (layers: readonly LayerConfig[]): ModelEnd => {
  const last = layers.at(-1)
  const map = layers.map((layer) => layerDefinition(layer).linearMap?.(layer)).findLast((found) => found !== undefined)
  const activation = last && 'activation' in last ? last.activation : 'linear'
  return { outputs: map?.units, activation: typeof activation === 'string' ? activation : activation.type }
}

/** Hidden layers by the size of the table, and as many outputs as the loss wants. `isFlat` unless an example has several axes. */
export const chooseLayers = ({
  rows,
  inputs,
  outputs,
  activation,
  isFlat,
}: {
  rows: number
  inputs: number
  outputs: number
  activation: string
  isFlat: boolean
}): LayerConfig[] => [
  ...(isFlat ? [] : [{ type: 'flatten' } as LayerConfig]),
  ...hiddenUnits(rows, inputs).map((units) => dense(units, 'relu')),
  dense(outputs, activation),
]

/** What a solver finds the weights of. */
export const linearLayer = (outputs: number): LayerConfig[] => [dense(outputs, 'linear')]

const dense = (units: number, activation: string): LayerConfig =>
  ({ type: 'dense', ...defaultsOf(layerCatalog.dense), units, activation }) as LayerConfig
