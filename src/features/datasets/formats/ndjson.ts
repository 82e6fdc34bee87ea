import { openNdjsonReader } from './ndjson/reader.ts'
import type { FileFormat } from './upload-format.ts'

export const ndjson: FileFormat = {
  name: 'ndjson',
  kind: 'file',
  mediaTypes: ['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/x-jsonlines', 'application/jsonlines'],
  extensions: ['ndjson', 'jsonl'],
  description: 'a JSON object a line, each a row: what a row lacks is missing in it',
  example: '{"x": 1, "y": 2}\n{"x": 2, "y": null}\n{"x": 3, "y": 6, "z": "a"}\n',
  open: openNdjsonReader,
}
