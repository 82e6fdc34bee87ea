/** Files to make datasets of, one entry a format: what a good one looks like; mutation does the rest. A new format is a new entry. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { edited, edits } from './structure.ts'
import { oddTexts, toText } from './values.ts'

export type Format = {
  name: string
  contentType: string
  /** How often it is sent beside the others; 4 unless said. */
  weight?: number
  /** Good files, before their bytes are mutated. */
  files: fc.Arbitrary<Buffer>
}

const cell = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom('1', '2.5', '-3', '1e5', '0.001') },
  { weight: 4, arbitrary: fc.constantFrom('', 'NA', '?', 'red', 'blue', 'true', '2012-01-31', '2012-01-31T10:00:00.5Z', '007', '"1,234"') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(' ', '"1"', '"a""b"', '1,2', 'NaN', 'inf', '1e400', '0x1', '1_000', '"', '"\n"', '٣', '1/2/2012'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('9007199254740993', '-123456789012', '\0', 'x'.repeat(70_000), '1.234,5', '2012-02-30', '1'.repeat(400)),
  },
  { weight: 1, arbitrary: fc.constantFrom(...oddTexts) },
)

const textFiles = (separators: readonly string[]): fc.Arbitrary<Buffer> =>
  fc
    .record({
      header: fc.oneof<fc.Arbitrary<string[]>[]>(
        fc.constantFrom(['a', 'y'], ['a', 'b', 'y'], ['x y', '"q"', 'y']),
        fc.array(fc.oneof(fc.constantFrom('a', 'b', 'c', 'x y', '"q"'), fc.constantFrom(...oddTexts)), { minLength: 1, maxLength: 5 }),
      ),
      rows: fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { maxLength: 12 }),
      line: fc.constantFrom('\n', '\r\n', '\r'),
      mark: fc.constantFrom('', '\ufeff', 'sep=;\n', '\n\n'),
      separator: fc.constantFrom(...separators),
      encoding: fc.constantFrom<BufferEncoding>('utf8', 'utf8', 'utf8', 'utf16le', 'latin1'),
      straight: fc.boolean(),
    })
    .map(({ header, rows, line, mark, separator, encoding, straight }) => {
      const fitted = straight ? rows.map((row) => header.map((_, at) => row[at] ?? '1')) : rows
      return Buffer.from(mark + [header, ...fitted].map((cells) => cells.join(separator)).join(line) + line, encoding)
    })

const csv: Format = { name: 'csv', contentType: 'text/csv', files: textFiles([',', ',', ';', '\t', '|', ' ']) }
const tsv: Format = { name: 'tsv', contentType: 'text/tab-separated-values', weight: 1, files: textFiles(['\t', '\t', '\t', ',']) }

const documents = [
  {
    rows: [
      { a: 1, b: 2, y: 3 },
      { a: 2, b: 3, y: 5 },
      { a: 3, b: 1, y: 4 },
    ],
    features: ['a', 'b'],
    labels: ['y'],
  },
  {
    features: [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    labels: [[1], [2], [3]],
  },
  {
    features: [
      [1, 2, 3, 4],
      [4, 3, 2, 1],
    ],
    labels: [[0], [1]],
    inputShape: [2, 2, 1],
  },
  { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 100, noiseStd: 0.01, seed: 1 } },
  { synthetic: { kind: 'blobs', centers: 3, features: 2, examples: 60, seed: 1 } },
]

const json: Format = {
  name: 'json',
  contentType: 'application/json',
  files: fc.tuple(fc.constantFrom<unknown>(...documents), edits).map(([document, list]) => Buffer.from(toText(edited(document, list)))),
}

const boundary = 'fuzz-boundary'

const part = fc
  .record({
    disposition: fc.constantFrom(
      ...[
        'form-data; name="file"; filename="t.csv"',
        'form-data; name="file"; filename="t.csv"',
        'form-data; name="options"',
        'form-data; name="file"',
      ],
      ...[
        'form-data; name="options"; filename="o.json"',
        'form-data; name="__proto__"',
        'form-data',
        'attachment; filename="x"',
        'form-data; name=""',
      ],
      `form-data; name="file"; filename="${'x'.repeat(300)}"`,
    ),
    type: fc.constantFrom(
      '',
      'Content-Type: text/csv\r\n',
      'Content-Type: application/json\r\n',
      'Content-Transfer-Encoding: base64\r\n',
      'X: \0\r\n',
    ),
    content: fc.oneof(
      csv.files.map((bytes) => bytes.toString('latin1')),
      fc.constantFrom(
        'a,y\n1,2\n3,4\n',
        '{"features":["a"],"labels":["y"]}',
        '{"features":',
        '',
        `--${boundary}`,
        '{"delimiter":";"}',
        '[]',
      ),
    ),
  })
  .map(({ disposition, type, content }) => `--${boundary}\r\nContent-Disposition: ${disposition}\r\n${type}\r\n${content}\r\n`)

const multipart: Format = {
  name: 'multipart',
  contentType: `multipart/form-data; boundary=${boundary}`,
  files: fc
    .tuple(
      fc.array(part, { maxLength: 4 }),
      fc.constantFrom(`--${boundary}--\r\n`, `--${boundary}--\r\n`, `--${boundary}--`, `--${boundary}`, '', '\r\n'),
    )
    .map(([parts, end]) => Buffer.from(parts.join('') + end, 'latin1')),
}

const ndjsonRow = fc.tuple(fc.constantFrom<unknown>({ a: 1, b: 'x', y: true }, { a: null, y: 2 }, { a: 2.5, c: '2012-01-31' }), edits)

const ndjson: Format = {
  name: 'ndjson',
  contentType: 'application/x-ndjson',
  files: fc
    .array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constant('{"a": 1, "y": 2}') },
        { weight: 2, arbitrary: ndjsonRow.map(([row, list]) => toText(edited(row, list))) },
      ),
      { maxLength: 12 },
    )
    .map((rows) => Buffer.from(rows.join('\n'))),
}

/** Files as their own libraries write them, of which those of this ending are good ones. */
const fixtures = (name: string, contentType: string, ending: string): Format => {
  const folder = join(import.meta.dirname, '../../fixtures/tables')
  const files = readdirSync(folder).filter((file) => file.endsWith(ending))
  // Each starts a process of its own.
  return { name, contentType, weight: 1, files: fc.constantFrom(...files).map((file) => readFileSync(join(folder, file))) }
}

/** Every format that the service reads. */
export const formats: readonly Format[] = [
  csv,
  tsv,
  json,
  multipart,
  ndjson,
  fixtures('parquet', 'application/vnd.apache.parquet', '.parquet'),
  fixtures('arrow stream', 'application/vnd.apache.arrow.stream', '.arrows'),
  fixtures('arrow file', 'application/vnd.apache.arrow.file', '.arrow'),
  fixtures('npy', 'application/x-npy', '.npy'),
  fixtures('npz', 'application/x-npz', '.npz'),
]
