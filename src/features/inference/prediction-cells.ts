/** A cell of a row to predict for, by what its column holds, as the number that training reads. */
import type { ColumnType } from '../../api/column.schema.ts'
import { fitsFloat32 } from '../../api/numbers.ts'
import type { Cell } from '../../api/prediction.schema.ts'
import { type ErrorList, shown } from '../../validation/validation-errors.ts'
import type { MissingMarkers } from '../datasets/table/missing.ts'
import { parseMoment } from '../datasets/table/moments.ts'
import { unknownCode } from '../jobs/plan/recoding.ts'

/** A feature of a model, as far as its cells go. */
export type CellFeature = {
  name: string
  /** What its column holds; a number unless said. */
  holds?: ColumnType
  /** What says that a cell is missing, as in the upload. */
  markers?: MissingMarkers
  /** It is a whole number below that, from 0. */
  indices?: number
  /** The code of each level of a category; `takesUnknown` if others are inputs of 0. */
  codes?: ReadonlyMap<string, number>
  takesUnknown?: boolean
  /** The job's rule for missing cells if it fills none. */
  unfilledBy?: string
}

type Problem = { code: string; message: string }

/** The number of a cell, or null if it is missing; what is wrong with it goes into `errors`. */
export const readCell = (cell: Cell, feature: CellFeature, path: () => string, errors: ErrorList): number | null => {
  const number = cell === null || isMissing(cell, feature) ? null : numberOf(cell, feature)
  const problem = typeof number === 'object' ? (number ?? missingProblem(feature)) : valueProblem(number, feature)
  if (problem) errors.add({ path: path(), ...problem, column: feature.name, ...shown(cell) })
  return typeof number === 'number' ? number : null
}

/** Whether an upload would have taken a cell for missing; what is a level is none. */
const isMissing = (cell: Exclude<Cell, null>, { holds = 'number', markers, codes }: CellFeature): boolean => {
  if (!markers || codes?.has(String(cell))) return false
  if (typeof cell === 'number') return (holds === 'number' || holds === 'integer') && markers.numbers.includes(cell)
  if (typeof cell !== 'string') return false
  const bytes = Buffer.from(cell.trim())
  return markers.isMissing(bytes, 0, bytes.length)
}

const missingProblem = ({ unfilledBy }: CellFeature): Problem | undefined =>
  unfilledBy === undefined
    ? undefined
    : { code: 'missing_values', message: `is missing, and the job fills no missing cells of this column: its rule is ${unfilledBy}` }

const numberOf = (cell: Exclude<Cell, null>, feature: CellFeature): number | Problem => {
  switch (feature.holds) {
    case 'category':
    case 'text':
      return codeOf(String(cell), feature)
    case 'boolean':
      return booleanOf(cell) ?? { code: 'type', message: 'must be true or false' }
    case 'date':
    case 'datetime':
      return momentOf(cell) ?? { code: 'type', message: 'must be a date or a time in words, such as 2026-11-26 or 2026-11-26T12:00:00Z' }
    default:
      return typeof cell === 'number' ? cell : { code: 'type', message: 'must be a number' }
  }
}

const codeOf = (level: string, { codes, takesUnknown }: CellFeature): number | Problem => {
  const code = codes?.get(level)
  if (code !== undefined) return code
  if (takesUnknown) return unknownCode
  const levels = [...(codes?.keys() ?? [])]
  const some = levels.slice(0, 20).join(', ')
  return {
    code: 'unknown_level',
    message: `is none of the ${levels.length} levels of this column: ${some}${levels.length > 20 ? ', …' : ''}`,
  }
}

const booleanOf = (cell: Exclude<Cell, null>): number | undefined => {
  if (typeof cell === 'boolean') return Number(cell)
  if (cell === 0 || cell === 1) return cell
  const word = String(cell).toLowerCase()
  return word === 'true' ? 1 : word === 'false' ? 0 : undefined
}

const momentOf = (cell: Exclude<Cell, null>): number | undefined => (typeof cell === 'string' ? parseMoment(cell.trim())?.days : undefined)

/** A value that a float32 cannot hold, or an index that the model does not know. */
const valueProblem = (value: number, { indices }: CellFeature): Problem | undefined => {
  if (!fitsFloat32(value)) return { code: 'not_finite', message: 'must be a number that a float32 can hold' }
  const index = Math.fround(value)
  if (indices === undefined || (Number.isInteger(index) && index >= 0 && index < indices)) return undefined
  return { code: 'range', message: `must be a whole index from 0 to ${indices - 1}: the model's embedding has ${indices} vectors` }
}
