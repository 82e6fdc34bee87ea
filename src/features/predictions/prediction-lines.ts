/** Predictions as lines of text, one a row, in the words of the labels. */
import { setImmediate as turn } from 'node:timers/promises'
import { toJsonNumbers } from '../../api/numbers.ts'
import type { Prediction, Predictions } from '../../api/prediction.schema.ts'
import type { OutputWriter } from '../inference/prediction-output.ts'

export const lineFormats = {
  ndjson: { mediaTypes: ['application/x-ndjson', 'application/ndjson', 'application/jsonl'] },
  csv: { mediaTypes: ['text/csv'] },
} as const

export type LineFormat = keyof typeof lineFormats

export const lineFormatNames = Object.keys(lineFormats) as LineFormat[]

/** Media types in the order in which the service prefers them, each with its format. */
export const lineMediaTypes = new Map<string, LineFormat>(
  lineFormatNames.flatMap((format) => lineFormats[format].mediaTypes.map((type): [string, LineFormat] => [type, format])),
)

type Source = {
  /** The numbers of whole rows, in order. */
  chunks: AsyncIterable<Float32Array>
  /** Numbers of a row. */
  width: number
  write: OutputWriter
  classes: Predictions['classes']
}

/** Numbers that are written before others have their turn. */
const numbersAtOnce = 20_000

/** Rows count from 0, as those of a dataset do. */
export async function* linesOf(format: LineFormat, { chunks, width, write, classes }: Source): AsyncGenerator<string> {
  const rowsAtOnce = Math.max(1, Math.floor(numbersAtOnce / width))
  let row = 0
  for await (const values of chunks) {
    const rows = values.length / width
    for (let from = 0; from < rows; from += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, rows - from)
      const outputs = Array.from({ length: count }, (_, at) => toJsonNumbers(values.subarray((from + at) * width, (from + at + 1) * width)))
      const { predictions, output } = write({ epoch: 0, predictions: outputs })
      const header = format === 'csv' && row === 0 ? csvHeader(predictions[0] ?? null, output === 'probability' ? classes : undefined) : ''
      const first = row
      yield header + predictions.map((prediction, at) => writers[format](first + at, prediction)).join('')
      row += count
      await turn()
    }
  }
}

const writers: Record<LineFormat, (row: number, prediction: Prediction) => string> = {
  ndjson: (row, prediction) => `${JSON.stringify({ row, prediction })}\n`,
  csv: (row, prediction) => `${[row, ...(Array.isArray(prediction) ? prediction : [prediction])].map(csvCell).join(',')}\n`,
}

/** One column if a row has one value, else a column for each, those of probabilities named by their class. */
const csvHeader = (prediction: Prediction, classes: Predictions['classes']): string => {
  const count = Array.isArray(prediction) ? prediction.length : 1
  const names =
    classes?.length === count && !Array.isArray(classes[0])
      ? classes.map((name) => `probability.${String(name)}`)
      : Array.from({ length: count }, (_, at) => (count === 1 ? 'prediction' : `prediction.${at}`))
  return `${['row', ...names].map(csvCell).join(',')}\n`
}

/** A cell, quoted where it must be; null is empty. */
const csvCell = (value: string | number | boolean | null): string => {
  const text = value === null ? '' : String(value)
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text
}
