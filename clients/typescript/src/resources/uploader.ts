/** `client.datasets.upload`: small files in one request, others in parts, of which a broken line loses one. */
import { ApiError, ConflictError, ConnectionError } from '../errors.ts'
import { type FileSource, type OpenFile, openFile } from '../files/file-source.ts'
import { mediaTypeOf } from '../files/media-type.ts'
import { joined } from '../http/answer.ts'
import { segment } from '../http/query.ts'
import { sleep } from '../http/retry.ts'
import type { CallOptions, Transport } from '../http/transport.ts'
import type { Dataset, Upload, UploadOptions, UploadPart } from '../types.ts'

export type UploadProgress = {
  sentBytes: number
  /** Undefined for a stream. */
  totalBytes: number | undefined
  /** What goes on with this upload later: see `uploadId` of the options. Undefined for a small file. */
  uploadId: string | undefined
}

export type UploadFileOptions = CallOptions &
  UploadOptions & {
    /** Media type of the file; left out, the source or the end of its name says it, and a stream is a CSV. */
    contentType?: string
    /** How the file as a whole is compressed; names that end with `.gz` or `.zst` say it too. */
    contentEncoding?: 'gzip' | 'zstd'
    /** What a stream or a Blob is called, where it has no name; what it is follows from that. */
    fileName?: string
    onProgress?: (progress: UploadProgress) => void
    /** Goes on with an upload that was begun earlier: parts that are there are not sent again. */
    uploadId?: string
    /** Size of a part: at most 16 MiB, 8 MiB unless said. A file of more than one part is sent in parts. */
    partBytes?: number
  }

const defaultPartBytes = 8 * 1024 * 1024
/** Making a dataset of the largest file takes minutes, in which nothing is said. In milliseconds. */
const maxCompletionMs = 30 * 60_000
/** Between looks at what became of an upload whose answer was lost, in milliseconds. */
const lookMs = 2000

export const createUploader = (transport: Transport) => {
  /** A dataset of a file. @throws ValidationError with everything that is wrong with it, by line and column */
  const upload = async (source: FileSource, options: UploadFileOptions = {}): Promise<Dataset> => {
    const { signal, idempotencyKey, contentType, contentEncoding, fileName, onProgress, uploadId, partBytes, ...said } = options
    const file = await openFile(source)
    const named = mediaTypeOf(fileName ?? file.name ?? '')
    const kind = {
      contentType: contentType ?? named.contentType ?? file.type ?? 'text/csv',
      contentEncoding: contentEncoding ?? named.contentEncoding,
    }
    const sending: Sending = {
      file,
      kind,
      options: said,
      call: { signal, idempotencyKey },
      onProgress,
      partBytes: partBytes ?? defaultPartBytes,
    }
    const parts = file.parts(sending.partBytes)
    const first = uploadId === undefined ? await readAhead(parts, sending) : undefined
    return first ? sendWhole(first, sending) : sendParts(parts, sending, uploadId)
  }

  /** One request. JSON goes in whole, with what is said of it in it; anything else as a form, whose options come first. */
  const sendWhole = async (bytes: Uint8Array<ArrayBuffer>, { file, kind, options, call, onProgress }: Sending): Promise<Dataset> => {
    const tell = (sentBytes: number): void => onProgress?.({ sentBytes, totalBytes: bytes.byteLength, uploadId: undefined })
    tell(0)
    const request = isJson(kind) ? jsonOf(bytes, options) : await formOf(bytes, file.name ?? 'table', kind.contentType, options)
    const dataset = await transport.json<Dataset>('POST', '/v1/datasets', { ...call, ...request })
    tell(bytes.byteLength)
    return dataset
  }

  const sendParts = async (
    parts: AsyncIterable<Uint8Array<ArrayBuffer>>,
    sending: Sending,
    uploadId: string | undefined,
  ): Promise<Dataset> => {
    const { file, kind, options, call } = sending
    const { signal } = call
    const begin = () => transport.json<Upload>('POST', '/v1/uploads', { ...call, body: { ...kind, options, bytes: file.size } })
    const upload = uploadId === undefined ? await begin() : await find(uploadId, call)
    try {
      await fill(upload, parts, sending)
      return await complete(upload.id, { signal })
    } catch (error) {
      // A line that broke is no reason: the upload can go on for a day.
      const isOver = error instanceof ApiError || signal?.aborted
      if (isOver && uploadId === undefined) await transport.json('DELETE', pathOf(upload.id)).catch(() => {})
      throw error
    }
  }

  const find = (id: string, { signal }: CallOptions): Promise<Upload> => transport.json('GET', pathOf(id), { signal })

  const fill = async (
    { id, parts: there = [] }: Upload,
    parts: AsyncIterable<Uint8Array<ArrayBuffer>>,
    { file, call: { signal }, onProgress }: Sending,
  ): Promise<void> => {
    const digests = new Map(there.map(({ number, digest }) => [number, digest]))
    let [number, sentBytes] = [0, 0]
    for await (const part of parts) {
      signal?.throwIfAborted()
      number += 1
      const digest = await digestOf(part)
      if (digest === undefined || digests.get(number) !== digest) {
        const headers = { 'content-type': 'application/octet-stream', ...(digest === undefined ? {} : { 'content-digest': digest }) }
        await transport.json<UploadPart>('PUT', `${pathOf(id)}/parts/${number}`, { signal, headers, body: part })
      }
      sentBytes += part.byteLength
      onProgress?.({ sentBytes, totalBytes: file.size, uploadId: id })
    }
  }

  /** If the answer gets lost, the upload itself tells what became of it. */
  const complete = async (id: string, { signal }: CallOptions): Promise<Dataset> => {
    for (;;) {
      try {
        return await transport.json<Dataset>('POST', `${pathOf(id)}/complete`, { signal, maxSilenceMs: maxCompletionMs })
      } catch (error) {
        if (!(error instanceof ConnectionError || error instanceof ConflictError)) throw error
        const { status } = await find(id, { signal })
        if (status === 'open') throw error
        await sleep(lookMs, signal)
      }
    }
  }

  return upload
}

type Kind = { contentType: string; contentEncoding: 'gzip' | 'zstd' | undefined }
type Sending = {
  file: OpenFile
  kind: Kind
  options: UploadOptions
  call: CallOptions
  onProgress: UploadFileOptions['onProgress']
  partBytes: number
}

const pathOf = (id: string): string => `/v1/uploads/${segment(id)}`

const isJson = ({ contentType }: Kind): boolean => /^application\/json\b/.test(contentType)

/** All bytes of a file that is to go in one request; undefined for one that goes in parts, of which nothing was read then. */
const readAhead = async (
  parts: AsyncGenerator<Uint8Array<ArrayBuffer>>,
  { file: { size }, kind, partBytes }: Sending,
): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  const isSmall = size !== undefined && size <= partBytes && kind.contentEncoding === undefined
  if (!isSmall && !isJson(kind)) return undefined
  const all: Uint8Array[] = []
  for await (const part of parts) all.push(part)
  return joined(all)
}

const jsonOf = (bytes: Uint8Array, options: UploadOptions) => {
  const body = parseJson(bytes)
  return { body: Array.isArray(body) ? { rows: body, ...options } : { ...(body as object), ...options } }
}

const parseJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (error) {
    throw new TypeError(`The file is no JSON: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
}

/** Written once, since each attempt must be the same request. */
const formOf = async (bytes: Uint8Array<ArrayBuffer>, name: string, type: string, options: UploadOptions) => {
  const form = new FormData()
  form.append('options', JSON.stringify(options))
  form.append('file', new Blob([bytes], { type }), name)
  const written = new Response(form)
  const headers = { 'content-type': written.headers.get('content-type') ?? '' }
  return { headers, body: new Uint8Array(await written.arrayBuffer()) }
}

/** As in `Content-Digest` (RFC 9530); undefined on a page of plain http, which may not hash. */
const digestOf = async (bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> => {
  if (!globalThis.crypto.subtle) return undefined
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return `sha-256=:${btoa(String.fromCharCode(...hash))}:`
}
