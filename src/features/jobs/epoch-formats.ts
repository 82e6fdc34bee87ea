/** The representations of epochs, by name, and how the pages of JSON that the database gives become lines of the others. */
import { setImmediate as turn } from 'node:timers/promises'
import type { JsonNumber } from '../../api/numbers.ts'
import type { JsonText } from '../../api/write-json.ts'
import { epochColumnList } from '../../contracts/epoch-columns.ts'

type FormatEntry = {
  /** The first is the one to ask for; the others are in use, and are understood. */
  mediaTypes: readonly [string, ...string[]]
}

export const epochFormats = {
  json: { mediaTypes: ['application/json'] },
  csv: { mediaTypes: ['text/csv'] },
  ndjson: { mediaTypes: ['application/x-ndjson', 'application/ndjson', 'application/jsonl'] },
} as const satisfies Record<string, FormatEntry>

export type EpochFormat = keyof typeof epochFormats

export const epochFormatNames = Object.keys(epochFormats) as EpochFormat[]

/** Media types in the order in which the service prefers them, each with its format. */
export const epochMediaTypes = new Map<string, EpochFormat>(
  epochFormatNames.flatMap((format) => epochFormats[format].mediaTypes.map((type): [string, EpochFormat] => [type, format])),
)

/** How pages are written in each format that has lines: as text that is sent as it comes. */
export const epochLines: Record<Exclude<EpochFormat, 'json'>, (pages: AsyncIterable<JsonText>) => AsyncGenerator<string>> = {
  csv: toCsv,
  ndjson: toNdjson,
}

/** Pages have an epoch a line, and JSON has no line break within a text. */
async function* toNdjson(pages: AsyncIterable<JsonText>): AsyncGenerator<string> {
  for await (const { text } of pages) yield `${text.replaceAll(',\n', '\n')}\n`
}

type Cells = Record<string, JsonNumber | null>

/** Epochs that are made lines of before others have their turn. */
const epochsAtOnce = 200

/** A column a field, and one a metric in place of the field that holds them. All epochs of a job have the metrics of its config. */
async function* toCsv(pages: AsyncIterable<JsonText>): AsyncGenerator<string> {
  let columns: string[] | undefined
  for await (const { text } of pages) {
    const epochs = text.split(',\n')
    for (let at = 0; at < epochs.length; at += epochsAtOnce) {
      const rows = (JSON.parse(`[${epochs.slice(at, at + epochsAtOnce).join(',')}]`) as { metrics: Cells }[]).map(toCells)
      const names: string[] = columns ?? Object.keys(rows[0] ?? {})
      const lines = rows.map((row) => names.map((name) => row[name] ?? ''))
      yield toLines(columns ? lines : [names, ...lines])
      columns = names
      await turn()
    }
  }
  if (!columns) yield toLines([['epoch', ...epochColumnList.flatMap(([name, { kind }]) => (kind === 'named' ? [] : name))]])
}

const toCells = ({ metrics, ...fields }: { metrics: Cells }): Cells => Object.assign(fields, metrics)

/** Neither numbers nor the names of metrics have what a CSV would quote. */
const toLines = (lines: readonly (readonly (string | number)[])[]): string => lines.map((cells) => `${cells.join(',')}\n`).join('')
