/** Uploads that come in parts: begun, filled in any order, and made a dataset of. */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { DatasetResource } from '../../api/dataset.schema.ts'
import type { Created } from '../../api/page.schema.ts'
import { type CreateUpload, maxOpenUploads, maxPartBytes, type UploadPart, type UploadResource } from '../../api/upload.schema.ts'
import type { FormOptions } from '../../api/upload-options.schema.ts'
import { Problem, type ValidationError } from '../../contracts/error-codes.ts'
import { createErrorList } from '../../validation/validation-errors.ts'
import type { NewId } from '../ids.ts'
import type { OnStored } from '../on-stored.ts'
import type { StoredPart, UploadRoom, UploadSession, UploadSessionRepository } from './upload-session.repository.ts'

type Collaborators = {
  uploads: UploadSessionRepository
  /** The dataset by its id. @throws Problem NOT_FOUND */
  getDataset: (tenant: string, id: string) => Promise<{ id: string }>
  newId: NewId
  room: UploadRoom
}

/** What is known of a file that is whole now. */
export type WholeFile = { bytes: Readable; contentType: string; contentEncoding: string | null; options: FormOptions }
/** Makes a dataset of a file; `onStored` goes into the transaction that stores it. */
type Store = (file: WholeFile, onStored: OnStored) => Promise<DatasetResource>

/** Bytes that a part may have, and the problem of one that has more. */
export type PartRoom = { bytes: number; refuse: (bytes: number) => Problem }

export const createUploadSessionService = ({ uploads, getDataset, newId, room }: Collaborators) => {
  /** @throws Problem CONFLICT if the tenant has too many open ones, BODY_TOO_LARGE if the file would be larger than a file may be */
  const create = async (tenant: string, request: CreateUpload, onStored?: OnStored): Promise<UploadResource> => {
    const { contentType, contentEncoding = null, options = {}, bytes = null } = request
    if (bytes !== null && bytes > room.upload) throw tooLarge(room.upload, '/bytes')
    const id = newId('upl')
    await onStored?.ready()
    const isStored = await uploads.insert({ id, tenant, contentType, contentEncoding, options, bytes }, async (client) =>
      onStored?.write(client, id),
    )
    if (!isStored) throw new Problem('CONFLICT', `${maxOpenUploads} uploads are open already: complete one, or delete it`)
    return get(tenant, id)
  }

  const get = async (tenant: string, id: string): Promise<UploadResource> => {
    const upload = await find(tenant, id)
    return { ...toResource(upload), parts: (await uploads.listParts(id)).map(toPart) }
  }

  const list = async (tenant: string, created: Created): Promise<{ data: UploadResource[] }> => ({
    data: (await uploads.listOpen(tenant, created)).map(toResource),
  })

  /**
   * For how many bytes of a part there is room at the moment, and what is said of one that has more: so it is refused before it is read.
   * @throws Problem NOT_FOUND, CONFLICT once the upload takes no more parts
   */
  const roomFor = async (tenant: string, id: string, number: number): Promise<PartRoom> => {
    const beside = await uploads.sizesBeside(tenant, id, number)
    if (!beside) throw await refusesParts(tenant, id)
    const file = room.upload - beside.own
    return {
      bytes: Math.min(file, room.tenant - beside.total),
      refuse: (bytes) => (bytes > file ? tooLarge(room.upload, '/body') : noRoom(room.tenant)),
    }
  }

  /** Stores a part; the same number again replaces it. @throws Problem CONFLICT once it is being made a dataset of, and for want of room */
  const putPart = async (tenant: string, id: string, number: number, bytes: Uint8Array): Promise<UploadPart> => {
    const hash = Uint8Array.from(createHash('sha256').update(bytes).digest())
    const outcome = await uploads.putPart(tenant, id, { number, hash, bytes }, room)
    if (outcome === 'stored') return toPart({ number, size: bytes.byteLength, hash })
    if (outcome === 'too-large') throw tooLarge(room.upload, '/body')
    if (outcome === 'no-room') throw noRoom(room.tenant)
    throw await refusesParts(tenant, id)
  }

  /** @throws Problem NOT_FOUND */
  const refusesParts = async (tenant: string, id: string): Promise<Problem> => {
    await find(tenant, id)
    return new Problem('CONFLICT', 'The upload takes no more parts: it is a dataset, or is just made one')
  }

  /**
   * Makes a dataset of the parts, which stay if that fails. Asked again, it gives the dataset that it became.
   * @throws Problem VALIDATION_FAILED if parts are missing, CONFLICT while it is done already
   */
  const complete = async (tenant: string, id: string, store: Store, onStored?: OnStored): Promise<{ id: string }> => {
    const upload = await find(tenant, id)
    if (upload.datasetId !== null) return getDataset(tenant, upload.datasetId)
    if (!(await uploads.beginCompletion(id))) throw busy()
    try {
      const parts = await uploads.listParts(id)
      requireWhole(upload, parts)
      const { contentType, contentEncoding, options } = upload
      const file = { bytes: Readable.from(uploads.read(id, parts), { objectMode: false }), contentType, contentEncoding, options }
      const dataset = await store(file, completing(id, onStored))
      // What is left of it goes by itself.
      await uploads.removeParts(id).catch(() => {})
      return dataset
    } catch (error) {
      await uploads.endCompletion(id).catch(() => {})
      throw error
    }
  }

  const completing = (id: string, onStored?: OnStored): OnStored => ({
    ready: async () => onStored?.ready(),
    write: async (client, datasetId) => {
      if (!(await uploads.complete(client, id, datasetId))) throw busy()
      await onStored?.write(client, datasetId)
    },
  })

  /** @throws Problem CONFLICT while a dataset is made of it */
  const remove = async (tenant: string, id: string): Promise<void> => {
    const removal = await uploads.remove(tenant, id)
    if (removal === 'missing') throw notFound(id)
    if (removal === 'busy') throw busy()
  }

  const find = async (tenant: string, id: string): Promise<UploadSession> => {
    const upload = await uploads.find(tenant, id)
    if (!upload) throw notFound(id)
    return upload
  }

  return { create, get, list, roomFor, putPart, complete, remove }
}

export type UploadSessionService = ReturnType<typeof createUploadSessionService>

const toResource = ({
  id,
  isCompleting,
  contentType,
  contentEncoding,
  options,
  bytes,
  receivedBytes,
  partCount,
  datasetId,
  ...times
}: UploadSession): UploadResource => ({
  id,
  status: datasetId !== null ? 'completed' : isCompleting ? 'completing' : 'open',
  contentType,
  contentEncoding,
  options,
  bytes,
  receivedBytes,
  partCount,
  maxPartBytes,
  datasetId,
  createdAt: times.createdAt.toISOString(),
  expiresAt: times.expiresAt.toISOString(),
})

const toPart = ({ number, size, hash }: StoredPart): UploadPart => ({
  number,
  bytes: size,
  digest: `sha-256=:${Buffer.from(hash).toString('base64')}:`,
})

/** @throws Problem VALIDATION_FAILED naming each part that is missing */
const requireWhole = ({ bytes }: UploadSession, parts: readonly StoredPart[]): void => {
  const errors = createErrorList()
  const last = parts.at(-1)?.number ?? 0
  if (last === 0) errors.add({ path: '/parts', code: 'no_parts', message: 'there is no part yet' })
  const there = new Set(parts.map(({ number }) => number))
  for (let number = 1; number < last; number++) if (!there.has(number)) errors.add(missingPart(number, last))
  const received = parts.reduce((sum, { size }) => sum + size, 0)
  if (bytes !== null && last > 0 && received !== bytes)
    errors.add({
      path: '/bytes',
      code: 'incomplete',
      message: `the parts come to ${received} bytes, and are to come to ${bytes}`,
      value: received,
    })
  errors.throwIfAny()
}

const missingPart = (number: number, last: number): ValidationError => ({
  path: `/parts/${number}`,
  code: 'missing_part',
  message: `part ${number} is missing, while there is a part ${last}`,
})

const notFound = (id: string): Problem => new Problem('NOT_FOUND', `There is no upload ${id}`)
const busy = (): Problem => new Problem('CONFLICT', 'A dataset is being made of the upload')
const tooLarge = (limit: number, path: string): Problem =>
  new Problem('BODY_TOO_LARGE', undefined, [{ path, code: 'too_large', message: `makes the file larger than ${limit} bytes` }])
const noRoom = (limit: number): Problem => {
  const message = `makes the parts of all open uploads larger than ${limit} bytes: complete or delete others first`
  return new Problem('QUOTA_EXCEEDED', `The part ${message}`, [{ path: '/body', code: 'quota_exceeded', message }])
}
