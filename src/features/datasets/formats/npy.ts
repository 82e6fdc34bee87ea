import type { FileFormat } from './upload-format.ts'

export const npy: FileFormat = {
  name: 'npy',
  kind: 'file',
  mediaTypes: ['application/x-npy', 'application/x-numpy'],
  extensions: ['npy'],
  description: 'a NumPy array: a row for each of its first dimension',
  example: null,
  open: null,
}
