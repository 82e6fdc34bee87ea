/** Rows as JSON objects by column name, made text while they are sent. */
import { setImmediate as turn } from 'node:timers/promises'
import { JsonText } from '../../../api/write-json.ts'
import { cellWriters, type RowBlock } from './cell-json.ts'

/** Cells that are made text before others have their turn. */
const cellsAtOnce = 5000

/** The first `count` rows of a block, one object each. */
export async function* rowTexts(block: RowBlock, count: number): AsyncGenerator<JsonText> {
  const { names } = block.layout
  const writers = cellWriters(block)
  const keys: string[] = []
  let sinceTurn = 0
  for (const name of names) {
    keys.push(`${keys.length === 0 ? '{' : ','}${JSON.stringify(name)}:`)
    if (++sinceTurn % cellsAtOnce === 0) await turn()
  }
  for (let row = 0; row < count; row++) {
    let text = ''
    for (const [at, write] of writers.entries()) {
      text += keys[at] + write(row)
      if (++sinceTurn % cellsAtOnce === 0) await turn()
    }
    yield new JsonText(`${text}}`)
  }
}

/** How many of a block's first rows come to so many characters at most; one at least. */
export const rowsWithin = ({ layout: { names, rich }, values, texts }: RowBlock, rows: number, maxCharacters: number): number => {
  const width = names.length
  const fixed = names.reduce((sum, name) => sum + name.length + charactersOfNumber, 0)
  const written = rich.flatMap(({ at }) => (texts.has(at) ? [{ at, texts: texts.get(at) }] : []))
  let characters = 0
  for (let row = 0; row < rows; row++) {
    characters += fixed
    for (const column of written) characters += column.texts?.get(values[row * width + column.at] as number)?.length ?? 0
    if (characters > maxCharacters) return Math.max(1, row)
  }
  return rows
}

/** Quotes, colon and comma included. */
const charactersOfNumber = 16
