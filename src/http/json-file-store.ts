/** Makes datasets of JSON files that are no bodies of requests, read in a thread as large bodies are. */
import type { Readable } from 'node:stream'
import type { FormOptions } from '../api/upload-options.schema.ts'
import { Problem } from '../contracts/error-codes.ts'
import type { DatasetService } from '../features/datasets/dataset.service.ts'
import type { InsertOptions } from '../features/datasets/upload.repository.ts'
import { createBodyThreads } from './bodies/body-threads.ts'
import { CheckedBody } from './bodies/checked-body.ts'
import { type AskZstd, decompress, encodingOf } from './bodies/content-encoding.ts'
import { flowInto } from './bodies/flow.ts'
import { limitBytes } from './bodies/limit-bytes.ts'

type JsonFile = { bytes: Readable; contentEncoding: string | null; options: FormOptions }
/** `bodyLimit`: bytes that JSON may come to, since it is read as a whole. */
type Collaborators = { datasets: DatasetService; bodyLimit: number; askZstd: AskZstd }

export const createJsonFileStore = ({ datasets, bodyLimit, askZstd }: Collaborators) => {
  const threads = createBodyThreads(1)

  const store = async (tenant: string, { bytes, contentEncoding, options }: JsonFile, insertion: InsertOptions) => {
    const encoding = encodingOf(contentEncoding ?? undefined)
    const plain = flowInto(encoding ? decompress(bytes, encoding, askZstd) : bytes, limitBytes(bodyLimit))
    const pieces: Uint8Array[] = []
    // Copied, since pieces of a stream may share memory, which cannot be given to a thread.
    for await (const piece of plain as AsyncIterable<Buffer>) pieces.push(new Uint8Array(piece))
    const outcome = await threads.read({ pieces, schema: { $ref: 'CreateDataset#' }, said: options })
    if ('unreadable' in outcome) throw new Problem(outcome.unreadable.code, outcome.unreadable.detail, outcome.unreadable.errors)
    const read = new CheckedBody(outcome).validate()
    if ('error' in read) throw read.error
    return datasets.createFromJson(tenant, read.value, insertion)
  }

  return { store, close: threads.close }
}
