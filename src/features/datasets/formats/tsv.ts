import { openCsvReader } from './csv/reader.ts'
import type { FileFormat } from './upload-format.ts'

/** A CSV whose cells are separated by tabs, unless it is said to be otherwise. */
export const tsv: FileFormat = {
  name: 'tsv',
  kind: 'file',
  mediaTypes: ['text/tab-separated-values'],
  extensions: ['tsv'],
  description: 'the same with tabs',
  example: 'x\ty\n1\t2\n2\t4\n3\t6\n',
  open: (context) => openCsvReader({ ...context, hints: { ...context.hints, delimiter: context.hints.delimiter ?? '\t' } }),
}
