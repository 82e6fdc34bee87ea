/** Tables in NumPy's formats: an array, or a zip of arrays with as many rows each. */

import type { ColumnDeclaration } from '../../../../api/upload-options.schema.ts'
import { featureNames } from '../../generators/generator.ts'
import { type BinaryTable, type FileBytes, UnreadableTable } from '../binary-table.ts'
import { maxColumns } from '../upload-format.ts'
import { openArchive } from './archive.ts'
import { type NpyArray, openArray } from './array.ts'

export const openNpy = (file: FileBytes): BinaryTable => tableOf([{ name: '', array: openArray(file) }])

export const openNpz = async (file: FileBytes): Promise<BinaryTable> => {
  const members = await openArchive(file)
  const arrays = members.map(({ name, file: member }) => ({ name, array: openArray(member, `"${name}" `) }))
  const [first] = arrays
  if (!first) throw new UnreadableTable('holds no arrays')
  for (const { name, array } of arrays)
    if (array.rows !== first.array.rows)
      throw new UnreadableTable(
        `has ${first.array.rows} rows in "${first.name}", but ${array.rows} in "${name}": all arrays must have as many`,
      )
  return tableOf(arrays)
}

type Named = { name: string; array: NpyArray }

/** What arrays of features and of labels are called. */
const isFeatures = (name: string): boolean => /^(features|x|data|x_train|inputs)$/i.test(name)
const isLabels = (name: string): boolean => /^(labels?|y|targets?|y_train|outputs)$/i.test(name)

const tableOf = (arrays: readonly Named[]): BinaryTable => {
  const width = arrays.reduce((sum, { array }) => sum + array.width, 0)
  if (width === 0) throw new UnreadableTable('has no columns')
  if (width > maxColumns) throw new UnreadableTable(`has ${width} columns; a table may have ${maxColumns}`)
  const columns = arrays.map(({ name, array }) => ({ name, array, names: namesOf(name, array) }))
  const [{ array: first } = { array: undefined }] = arrays
  const features = columns.flatMap(({ name, names }) => (isFeatures(name) ? names : []))
  const labels = columns.flatMap(({ name, names }) => (isLabels(name) ? names : []))
  const shaped = columns.find(({ name, array }) => (isFeatures(name) || arrays.length === 1) && array.shape.length > 0)
  return {
    names: columns.flatMap(({ names }) => names),
    types: Object.fromEntries(columns.flatMap(typesOf)),
    notes: [],
    options: {
      ...(features.length > 0 && labels.length > 0 ? { features, labels } : {}),
      ...(shaped && shaped.array.shape.length <= 4 && features.length > 0 && labels.length > 0 ? { inputShape: shaped.array.shape } : {}),
    },
    feed: (builder) => {
      let place = 0
      const tellers = columns.map(({ array }) => {
        const { tellRow } = array.open(builder, place)
        place += array.width
        return tellRow
      })
      for (let row = 0; row < (first?.rows ?? 0); row++) {
        for (const tellRow of tellers) tellRow(row)
        builder.endRow(row + 1)
      }
    },
  }
}

const typesOf = ({ names, array }: Named & { names: string[] }): [string, ColumnDeclaration][] =>
  names.flatMap((name, at) => {
    const moment = array.momentOf(at)
    return moment ? [[name, moment] as [string, ColumnDeclaration]] : []
  })

/** An array's fields have names; of others the features are x1, x2, …, and any other array gives its name. */
const namesOf = (name: string, { width, fieldNames, shape }: NpyArray): string[] => {
  if (fieldNames.length > 1 || fieldNames[0] !== '') return width === fieldNames.length ? fieldNames : numbered(name || 'x', width)
  if (name === '' || isFeatures(name)) return featureNames(width)
  const base = isLabels(name) ? 'y' : name
  return width === 1 && shape.length === 0 ? [base] : numbered(base, width)
}

const numbered = (name: string, width: number): string[] => Array.from({ length: width }, (_, at) => `${name}${at + 1}`)
