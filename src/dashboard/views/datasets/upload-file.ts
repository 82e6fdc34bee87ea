/** Brings a file to the service: small ones in one request, others in parts, so that a line that breaks off loses a part only. */
import { get, send } from '../../api/client.ts'
import { ApiError, isAbort } from '../../api/problem.ts'
import type { Dataset, Upload } from '../../api/types.ts'
import { sendFile } from '../../api/xhr.ts'
import { endings, type FileKind, fileKind } from './media-type.ts'

/** What is said of a file: the options of the API by their names. */
export type UploadOptions = {
  labels?: string[]
  missing?: string[]
  delimiter?: string
  decimal?: string
  header?: boolean
  badRows?: { max: number }
}

type Options = { options: UploadOptions; signal: AbortSignal; onSent: (bytes: number) => void }

type Named = Options & { options: { name: string } }

const partBytes = 8 * 1024 * 1024

/** Resolves to the dataset that the file became. @throws ApiError if it is no table; a RangeError if its ending is not known */
export const uploadFile = async (file: File, { options, ...rest }: Options): Promise<Dataset> => {
  const kind = fileKind(file.name)
  if (!kind) throw new RangeError(`its ending is none of ${endings.join(', ')}`)
  const named = { ...options, name: file.name.slice(0, 200) }
  // JSON is read as a whole: there are no parts of it.
  const whole = file.size <= 2 * partBytes || kind.contentType === 'application/json'
  return whole ? uploadWhole(file, kind, { options: named, ...rest }) : uploadInParts(file, kind, { options: named, ...rest })
}

const uploadWhole = (file: File, { contentType, contentEncoding }: FileKind, { options, signal, onSent }: Named): Promise<Dataset> =>
  sendFile('POST', `/datasets?${queryOf(options)}`, file, {
    headers: { 'content-type': contentType, ...(contentEncoding && { 'content-encoding': contentEncoding }) },
    signal,
    onSent,
  })

const uploadInParts = async (file: File, kind: FileKind, { options, signal, onSent }: Named): Promise<Dataset> => {
  const upload = await send<Upload>('POST', '/uploads', { ...kind, bytes: file.size, options }, { signal })
  if (!upload) throw new TypeError('The service did not say where the parts go')
  try {
    for (let number = 1; (number - 1) * partBytes < file.size; number++) {
      const begin = (number - 1) * partBytes
      const part = file.slice(begin, begin + partBytes)
      await again(signal, () =>
        sendFile('PUT', `/uploads/${upload.id}/parts/${number}`, part, {
          headers: { 'content-type': 'application/octet-stream' },
          signal,
          onSent: (bytes) => onSent(begin + bytes),
        }),
      )
    }
    const dataset = await again(signal, () => send<Dataset>('POST', `/uploads/${upload.id}/complete`, undefined, { signal }))
    return dataset ?? (await get<Dataset>(`/datasets/${(await get<Upload>(`/uploads/${upload.id}`)).datasetId}`))
  } catch (error) {
    // Nobody will send the rest: what is there would count until tomorrow.
    await send('DELETE', `/uploads/${upload.id}`).catch(() => {})
    throw error
  }
}

/** Three times, if the line broke off or the service was away. */
const again = async <Answer>(signal: AbortSignal, request: () => Promise<Answer>): Promise<Answer> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await request()
    } catch (error) {
      const passing = !(error instanceof ApiError) || error.status === 503 || error.status === 429
      if (isAbort(error) || signal.aborted || !passing || attempt === 3) throw error
      await new Promise((resolve) => setTimeout(resolve, 1000 * attempt))
    }
  }
}

const queryOf = ({ badRows, ...options }: UploadOptions & { name: string }): URLSearchParams => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(options)) if (value !== undefined) query.set(name, String(value))
  if (badRows) query.set('badRows[max]', String(badRows.max))
  return query
}
