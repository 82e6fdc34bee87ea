import type { FileFormat } from './upload-format.ts'

export const arrowFile: FileFormat = {
  name: 'arrowFile',
  kind: 'file',
  mediaTypes: ['application/vnd.apache.arrow.file', 'application/vnd.apache.arrow'],
  extensions: ['arrow', 'feather', 'ipc'],
  description: 'an Arrow IPC file, which is also what Feather is since its version 2',
  example: null,
  open: null,
}
