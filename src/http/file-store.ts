/** Makes datasets of files that are no bodies of requests: decompressed and within the limits that bodies have. */
import type { Readable } from 'node:stream'
import type { DatasetService } from '../features/datasets/dataset.service.ts'
import type { FileTask } from '../features/datasets/table/read-table.ts'
import type { InsertOptions } from '../features/datasets/upload.repository.ts'
import { type AskZstd, decompress, encodingOf } from './bodies/content-encoding.ts'
import { flowInto } from './bodies/flow.ts'
import { limitBytes } from './bodies/limit-bytes.ts'

type StoredFile = { bytes: Readable; contentEncoding: string | null; task: FileTask }

/** `fileLimit`: bytes that a file may come to. */
export const createFileStore =
  ({ datasets, fileLimit, askZstd }: { datasets: DatasetService; fileLimit: number; askZstd: AskZstd }) =>
  (tenant: string, { bytes, contentEncoding, task }: StoredFile, insertion: InsertOptions) => {
    const encoding = encodingOf(contentEncoding ?? undefined)
    const plain = flowInto(encoding ? decompress(bytes, encoding, askZstd) : bytes, limitBytes(fileLimit))
    return datasets.createFromFile(tenant, plain, task, insertion)
  }
