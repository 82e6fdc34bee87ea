/** What the row that comes in would change, once nothing is wrong with it. */
import type { CellError } from './cell-errors.ts'
import { type Kind, kinds } from './kinds.ts'
import type { Levels } from './levels.ts'

/** A cell that did not fit what came before it, and how many others of its column did not. */
export type Misfit = { text: string; line: number; count: number }

export const createRowChanges = (kindsOf: Uint8Array, known: ReadonlyMap<number, Misfit> = new Map()) => {
  const misfits = new Map(known)
  let wrong: CellError[] = []
  let settled: { column: number; kind: Kind }[] = []
  let unfit: { column: number; text: string }[] = []
  let fresh: Levels[] = []
  let isMixed = false

  /** A cell that makes the row wrong. */
  const refuse = (error: CellError): void => void wrong.push(error)
  /** A first cell of a column. */
  const settle = (column: number, kind: Kind): void => void settled.push({ column, kind })
  /** A cell that is something else than those before it. */
  const misfit = (column: number, text: string): void => void unfit.push({ column, text })
  /** Levels with a new text. */
  const sawNew = (levels: Levels): void => void fresh.push(levels)

  const forget = (): void => {
    if (wrong.length > 0) wrong = []
    if (settled.length > 0) settled = []
    if (unfit.length > 0) unfit = []
  }

  /** Makes the changes of a row that is kept. */
  const apply = (line: number): void => {
    if (settled.length === 0 && unfit.length === 0) return
    for (const { column, kind } of settled) kindsOf[column] = kind
    for (const { column, text } of unfit) {
      const before = misfits.get(column)
      misfits.set(column, before ? { ...before, count: before.count + 1 } : { text, line, count: 1 })
      kindsOf[column] = kinds.mixed
      isMixed = true
    }
    forget()
  }

  /** Notes the line of texts that are new, whether their row is kept or not. */
  const tellLine = (line: number): void => {
    if (fresh.length === 0) return
    for (const levels of fresh) levels.sawNew(line)
    fresh = []
  }

  return { refuse, settle, misfit, sawNew, forget, apply, tellLine, wrong: () => wrong, isMixed: () => isMixed, misfits }
}

export type RowChanges = ReturnType<typeof createRowChanges>
