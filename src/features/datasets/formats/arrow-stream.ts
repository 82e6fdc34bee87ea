import type { FileFormat } from './upload-format.ts'

export const arrowStream: FileFormat = {
  name: 'arrow',
  kind: 'file',
  mediaTypes: ['application/vnd.apache.arrow.stream'],
  extensions: ['arrows'],
  description: 'an Arrow IPC stream',
  example: null,
  open: null,
}
