import type { FileFormat } from './upload-format.ts'

export const npz: FileFormat = {
  name: 'npz',
  kind: 'file',
  mediaTypes: ['application/x-npz', 'application/x-numpy-zip'],
  extensions: ['npz'],
  description: 'NumPy arrays with as many rows each: `features` and `labels`, or any names',
  example: null,
  open: null,
}
