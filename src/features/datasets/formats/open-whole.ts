import type { OpenBinaryTable } from './binary-table.ts'

/** What opens files of a format, loaded when it is needed: each brings a library that others have no use for. */
export const openWhole = async (format: string): Promise<OpenBinaryTable> => {
  switch (format) {
    case 'parquet':
      return (await import('./parquet/read.ts')).openParquet
    case 'arrow':
    case 'arrowFile':
      return (await import('./arrow/read.ts')).openArrow
    case 'npy':
      return (await import('./numpy/read.ts')).openNpy
    case 'npz':
      return (await import('./numpy/read.ts')).openNpz
    default:
      throw new Error(`there is no format ${format}`)
  }
}
