import { openCsvReader } from './csv/reader.ts'
import type { FileFormat } from './upload-format.ts'

export const csv: FileFormat = {
  name: 'csv',
  kind: 'file',
  mediaTypes: ['text/csv', 'application/csv'],
  extensions: ['csv'],
  looseTypes: ['application/vnd.ms-excel', 'application/octet-stream', 'text/plain'],
  description:
    'a CSV as it is, with options as query parameters: what separates its cells and whether it has a header is found out unless the query says it, and `csv` in the answer tells what was taken',
  example: 'x,y\n1,2\n2,4\n3,6\n',
  open: openCsvReader,
}
