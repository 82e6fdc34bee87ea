/** The formats of uploads: what the routes take, how files are told apart, and what the documentation says of them. */
import { arrowFile } from './arrow-file.ts'
import { arrowStream } from './arrow-stream.ts'
import { csv } from './csv.ts'
import { json } from './json.ts'
import { ndjson } from './ndjson.ts'
import { npy } from './npy.ts'
import { npz } from './npz.ts'
import { parquet } from './parquet.ts'
import { tsv } from './tsv.ts'
import type { FileFormat, UploadFormat } from './upload-format.ts'

/** In the order in which they are documented. Of formats that both fit a file the last one is taken. */
export const uploadFormats: readonly UploadFormat[] = [json, csv, tsv, ndjson, parquet, arrowStream, arrowFile, npy, npz]

export const fileFormats: readonly FileFormat[] = uploadFormats.filter((format) => format.kind === 'file')

/** Media types of files, as bodies and also in a form. */
export const fileMediaTypes: readonly string[] = fileFormats.flatMap(({ mediaTypes }) => mediaTypes)
export const formMediaTypes: readonly string[] = [...fileMediaTypes, ...fileFormats.flatMap(({ looseTypes = [] }) => looseTypes)]

/** The format of this name. @throws Error if there is none */
export const requireFileFormat = (name: string): FileFormat => {
  const found = fileFormats.find((format) => format.name === name)
  if (!found) throw new Error(`there is no format ${name}`)
  return found
}

/** The format of a body of this Content-Type. */
export const formatOfType = (contentType: string): FileFormat | undefined => {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  return fileFormats.find(({ mediaTypes }) => mediaTypes.includes(type))
}

/** The format of a file in a form: by its media type or the end of its name, else by a media type that says little. */
export const formatOfFile = ({ filename, mediaType }: { filename: string; mediaType: string }): FileFormat | undefined => {
  const name = filename.toLowerCase()
  return (
    fileFormats.findLast(
      ({ mediaTypes, extensions }) => mediaTypes.includes(mediaType) || extensions.some((extension) => name.endsWith(`.${extension}`)),
    ) ?? fileFormats.find(({ looseTypes }) => looseTypes?.includes(mediaType))
  )
}
