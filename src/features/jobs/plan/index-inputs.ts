/** Which layers read indices, and whether what reaches them can be one. */

import type { JobConfig } from '../../../api/job-config.schema.ts'
import { type LayerConfig, layerDefinition } from '../../../catalog/layers/all-layers.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { ColumnTransform } from '../../../contracts/plan.ts'
import type { ChosenColumns } from './columns.ts'
import type { PlannedColumn } from './planned-column.ts'

/** A layer that looks up rows of a table by index, and the layer before it that makes fractions of indices, if one does. */
type IndexReader = { at: number; indices: number; spoiledBy?: number }

/** How many indices, from 0, the features of the data must be one of; undefined if they may be any numbers. */
export const indicesOfInputs = (layers: readonly LayerConfig[]): number | undefined => {
  const [first] = indexReaders(layers)
  return first && first.spoiledBy === undefined ? first.indices : undefined
}

/** Indices that a layer's table does not have, as far as the columns' statistics tell, and numbers that are no indices. */
export const indexErrors = (
  { model: { layers } }: JobConfig,
  { featureColumns }: ChosenColumns,
  columns: readonly PlannedColumn[],
  transforms?: readonly ColumnTransform[][],
): ValidationError[] => {
  const [first, ...others] = indexReaders(layers)
  if (!first) return []
  const spoiled = [first, ...others].flatMap((reader): ValidationError[] => {
    if (reader.spoiledBy === undefined) return []
    const source = `layer ${reader.spoiledBy} (${layers[reader.spoiledBy]?.type})`
    return [{ path: `/model/layers/${reader.at}`, code: 'type', message: `${describe(layers, reader)}; ${source} gives it other numbers` }]
  })
  if (first.spoiledBy !== undefined) return spoiled
  const path = `/model/layers/${first.at}`
  const expected = describe(layers, first)
  const wrong = featureColumns.flatMap((group, at) =>
    group.flatMap((position, place): ValidationError[] => {
      const column = columns[position]
      if (!column) return []
      const problem = misfit(column, transforms?.[at]?.[place] ?? { kind: 'keep' }, first.indices)
      if (!problem) return []
      const code = problem.kind === 'range' ? 'range' : 'type'
      const where = problem.kind === 'range' ? `${path}/vocabularySize` : path
      return [{ path: where, code, message: `${expected}; column "${column.name}" ${problem.says}`, column: column.name }]
    }),
  )
  return [...wrong, ...spoiled]
}

/** Why a column's values are no indices after its transform; undefined if they are, or if nothing is known of them. */
const misfit = (
  { min, max, type }: PlannedColumn,
  { kind }: ColumnTransform,
  indices: number,
): { kind: 'range' | 'type'; says: string } | undefined => {
  if (kind !== 'keep' && kind !== 'oneHot') return { kind: 'type', says: 'is scaled, which makes fractions of it' }
  if (kind === 'oneHot') return indices > 1 ? undefined : { kind: 'range', says: 'becomes inputs of 0 and 1' }
  if (max !== undefined && max >= indices) return { kind: 'range', says: `holds ${max}` }
  if (min !== undefined && min < 0) return { kind: 'range', says: `holds ${min}` }
  return type === 'number' ? { kind: 'type', says: 'holds fractions' } : undefined
}

/** The layers that read indices, in order; only the first of them can get those of the data. */
const indexReaders = (layers: readonly LayerConfig[]): IndexReader[] => {
  let spoiledBy: number | undefined
  return layers.flatMap((config, at): IndexReader[] => {
    const definition = layerDefinition(config)
    const indices = definition.indices?.(config)
    const reader = indices === undefined ? [] : [{ at, indices, spoiledBy }]
    if (!definition.keepsIndices?.(config)) spoiledBy ??= at
    return reader
  })
}

const describe = (layers: readonly LayerConfig[], { at, indices }: IndexReader): string =>
  `layer ${at} (${layers[at]?.type}) expects whole indices from 0 to ${indices - 1}`
