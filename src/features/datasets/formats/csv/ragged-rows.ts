/** Rows with more or fewer cells than the first line, as one validation error. */
import { type ErrorList, pointer } from '../../../../validation/validation-errors.ts'

/** Lines that the message names beside the first. */
const namedLines = 4

export const createRaggedRows = () => {
  let first: { row: number; line: number; message: string } | undefined
  const others: number[] = []
  let count = 0

  /** `row` counts from 0, `line` from 1. */
  const add = (row: number, line: number, message: string): void => {
    count++
    if (!first) first = { row, line, message }
    else if (others.length < namedLines) others.push(line)
  }

  const tell = (errors: ErrorList): void => {
    if (!first) return
    const more =
      count === 1 ? '' : `; ${count - 1} other lines differ from it too: ${others.join(', ')}${count - 1 > others.length ? ', …' : ''}`
    errors.add({ path: pointer('rows', first.row), code: 'ragged_row', message: first.message + more, line: first.line })
  }

  return { add, tell }
}
