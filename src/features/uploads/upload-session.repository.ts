/** Uploads that come in parts, in PostgreSQL, so that any API process takes any part. */
import type { Created } from '../../api/page.schema.ts'
import { idleHours, maxOpenUploads } from '../../api/upload.schema.ts'
import type { FormOptions } from '../../api/upload-options.schema.ts'
import { Prisma, type Upload as UploadRow } from '../../generated/prisma/client.ts'
import type { Database, DatabaseClient } from '../../platform/db/database-client.ts'
import { removeAllLarge, removeLarge } from '../../platform/db/remove-large.ts'
import { createdWithin } from '../page.repository.ts'

export type UploadSession = Omit<UploadRow, 'options' | 'bytes' | 'completingUntil'> & {
  options: FormOptions
  bytes: number | null
  isCompleting: boolean
  receivedBytes: number
  partCount: number
}
export type NewUploadSession = Pick<UploadSession, 'id' | 'tenant' | 'contentType' | 'contentEncoding' | 'options' | 'bytes'>
export type StoredPart = { number: number; size: number; hash: Uint8Array }
/** What may be stored: bytes of one upload, and of all open ones of a tenant. */
export type UploadRoom = { upload: number; tenant: number }
/** What became of a part: stored, or not because the upload takes none now, or because there is no room. */
export type PartOutcome = 'stored' | 'closed' | 'too-large' | 'no-room'

/** How long a process that makes a dataset may be silent before it counts as dead. */
const completingSeconds = 60
/** Bytes of a part that are read at a time. */
const sliceBytes = 1024 * 1024
/** Uploads that are removed in one go. */
const expiredAtOnce = 20

export const createUploadSessionRepository = ({ prisma, transaction, direct, directTransaction }: Database) => {
  /** Begins an upload; false if the tenant has too many. */
  const insert = (upload: NewUploadSession, afterwards?: (client: DatabaseClient) => Promise<void>): Promise<boolean> =>
    transaction(async (tx) => {
      await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`uploads of ${upload.tenant}`}, 0))`
      const open = await tx.upload.count({ where: { tenant: upload.tenant, datasetId: null, expiresAt: { gt: new Date() } } })
      if (open >= maxOpenUploads) return false
      const { options, ...rest } = upload
      await tx.upload.create({
        data: { ...rest, options: options as Prisma.InputJsonObject, expiresAt: new Date(Date.now() + idleHours * 3_600_000) },
      })
      await afterwards?.(tx)
      return true
    })

  const select = (which: Prisma.Sql): Promise<UploadSession[]> => prisma.$queryRaw<UploadSession[]>`
    select upload.id, tenant, "contentType", "contentEncoding", options, upload.bytes::float8 as bytes, "datasetId", "createdAt", "expiresAt",
      coalesce("completingUntil" > now(), false) as "isCompleting", coalesce(sum(part.size), 0)::float8 as "receivedBytes", count(part.number)::int as "partCount"
    from "Upload" upload left join "UploadPart" part on part."uploadId" = upload.id
    where ${which} and "expiresAt" > now() group by upload.id order by upload.id desc`

  const find = async (tenant: string, id: string): Promise<UploadSession | null> =>
    (await select(Prisma.sql`upload.id = ${id} and tenant = ${tenant}`))[0] ?? null

  const listOpen = (tenant: string, created: Created): Promise<UploadSession[]> =>
    select(Prisma.sql`tenant = ${tenant} and "datasetId" is null and ${createdWithin(created)}`)

  const listParts = (id: string): Promise<StoredPart[]> =>
    prisma.uploadPart.findMany({ where: { uploadId: id }, select: { number: true, size: true, hash: true }, orderBy: { number: 'asc' } })

  /** Bytes of all parts but this one, whatever its number was stored as before; null if the upload takes none now. */
  const sizesBeside = async (tenant: string, id: string, number: number): Promise<Sizes | null> => {
    const [found] = await direct<Sizes>(
      `with sizes as (${sizesOf('not (part."uploadId" = $1 and part.number = $3::int)')})
      select own, total from sizes where exists (select from "Upload" where ${takesParts})`,
      [id, tenant, number],
    )
    return found ?? null
  }

  /**
   * Stores a part in the place of an earlier one of its number. Parts that come at the same moment may each find room at first: so once it
   * is stored, and before anybody sees it, all are counted again, those of one tenant one after the other.
   */
  const putPart = async (
    tenant: string,
    id: string,
    { number, hash, bytes }: { number: number; hash: Uint8Array; bytes: Uint8Array },
    room: UploadRoom,
  ): Promise<PartOutcome> => {
    const outcomeOf = ({ own, total }: Sizes): PartOutcome => (own > room.upload ? 'too-large' : total > room.tenant ? 'no-room' : 'stored')
    const size = bytes.byteLength
    try {
      return await directTransaction(async (direct) => {
        const [found] = await direct<{ open: boolean; stored: boolean } & Sizes>(
          `with upload as (
            select id from "Upload" where ${takesParts} for no key update
          ), sizes as (${sizesOf('not (part."uploadId" = $1 and part.number = $3::int)')}
          ), stored as (
            insert into "UploadPart" ("uploadId", number, size, hash, bytes)
            select id, $3::int, $4::int, $5::bytea, $6::bytea from upload, sizes where own + $4::int <= $7::float8 and total + $4::int <= $8::float8
            on conflict ("uploadId", number) do update set size = excluded.size, hash = excluded.hash, bytes = excluded.bytes
            returning "uploadId"
          ), kept as (
            update "Upload" set "expiresAt" = now() + ${idleHours} * interval '1 hour' from stored where id = stored."uploadId"
          )
          select exists (select from upload) as open, exists (select from stored) as stored, own, total from sizes`,
          [id, tenant, number, size, hash, Buffer.from(bytes.buffer, bytes.byteOffset, size), room.upload, room.tenant],
        )
        if (!found?.open) return 'closed'
        if (!found.stored) return outcomeOf({ own: found.own + size, total: found.total + size })
        await direct(`select pg_advisory_xact_lock(hashtextextended('parts of ' || $1, 0))`, [tenant])
        const [now = { own: 0, total: 0 }] = await direct<Sizes>(sizesOf('true'), [id, tenant])
        const outcome = outcomeOf(now)
        if (outcome !== 'stored') throw new Refused(outcome)
        return outcome
      })
    } catch (error) {
      if (error instanceof Refused) return error.outcome
      throw error
    }
  }

  /** Lets no part change until this ends or its process dies. False if the upload is a dataset already, or somebody else does it. */
  const beginCompletion = async (id: string): Promise<boolean> =>
    (await prisma.$executeRaw`
      update "Upload" set "completingUntil" = now() + ${completingSeconds} * interval '1 second'
      where id = ${id} and "datasetId" is null and ("completingUntil" is null or "completingUntil" <= now())`) > 0

  const endCompletion = async (id: string): Promise<void> => {
    await prisma.$executeRaw`update "Upload" set "completingUntil" = null where id = ${id}`
  }

  /** Says which dataset it became, in the transaction that stores that; false if it is one already. */
  const complete = async (client: DatabaseClient, id: string, datasetId: string): Promise<boolean> =>
    (await client.$executeRaw`
      update "Upload" set "datasetId" = ${datasetId}, "completingUntil" = null, "expiresAt" = now() + ${idleHours} * interval '1 hour'
      where id = ${id} and "datasetId" is null`) > 0

  /** The bytes of these parts, one after the other. */
  async function* read(id: string, parts: readonly StoredPart[]): AsyncGenerator<Buffer> {
    for (const { number, size } of parts)
      for (let at = 0; at < size; at += sliceBytes) {
        const [slice] = await direct<{ bytes: Buffer }>(
          `with alive as (
            update "Upload" set "completingUntil" = now() + ${completingSeconds} * interval '1 second' where id = $1 and "completingUntil" is not null
          )
          select substring(bytes from $3::int for ${sliceBytes}) as bytes from "UploadPart" where "uploadId" = $1 and number = $2::int`,
          [id, number, at + 1],
        )
        if (!slice) throw new Error(`part ${number} of ${id} went while it was read`)
        yield slice.bytes
      }
  }

  /** Deletes an upload that nobody is making a dataset of. */
  const remove = async (tenant: string, id: string): Promise<'removed' | 'busy' | 'missing'> => {
    const [row] = await prisma.$queryRaw<{ busy: boolean }[]>`
      with found as (
        select id, coalesce("completingUntil" > now(), false) as busy from "Upload" where id = ${id} and tenant = ${tenant} and "expiresAt" > now() for update
      ), ended as (
        update "Upload" set "expiresAt" = now() from found where "Upload".id = found.id and not busy
      )
      select busy from found`
    if (!row) return 'missing'
    if (row.busy) return 'busy'
    await removeParts(id)
    await prisma.upload.deleteMany({ where: { id } })
    return 'removed'
  }

  const removeParts = (id: string): Promise<void> => removeAllLarge(prisma, partsWhere(Prisma.sql`"uploadId" = ${id}`))

  /** Deletes some of what uploads left that expired or became datasets. */
  const removeExpired = async (): Promise<{ removed: number; more: boolean }> => {
    const parts = await removeLarge(
      prisma,
      partsWhere(Prisma.sql`"uploadId" in (select id from "Upload" where "datasetId" is not null or "expiresAt" <= now())`),
    )
    if (parts > 0) return { removed: parts, more: true }
    const removed = await prisma.$executeRaw`
      delete from "Upload" where id in (
        select id from "Upload" upload where "expiresAt" <= now() and not exists (select from "UploadPart" where "uploadId" = upload.id)
        limit ${expiredAtOnce})`
    return { removed, more: removed === expiredAtOnce }
  }

  return {
    insert,
    find,
    listOpen,
    listParts,
    sizesBeside,
    putPart,
    beginCompletion,
    endCompletion,
    complete,
    read,
    remove,
    removeParts,
    removeExpired,
  }
}

export type UploadSessionRepository = ReturnType<typeof createUploadSessionRepository>

const partsWhere = (which: Prisma.Sql) => ({ table: Prisma.sql`"UploadPart"`, size: Prisma.sql`size`, which })

/** The upload $1 of the tenant $2, if it takes parts. */
const takesParts = `id = $1 and tenant = $2 and "datasetId" is null and "expiresAt" > now()
  and ("completingUntil" is null or "completingUntil" <= now())`

/** Bytes of parts: of one upload, and of all open ones of its tenant. */
type Sizes = { own: number; total: number }

/** Those of the upload $1 of the tenant $2, of parts that meet a condition. */
const sizesOf = (which: string): string => `
  select coalesce(sum(part.size) filter (where part."uploadId" = $1), 0)::float8 as own, coalesce(sum(part.size), 0)::float8 as total
  from "UploadPart" part join "Upload" upload on upload.id = part."uploadId"
  where upload.tenant = $2 and upload."datasetId" is null and ${which}`

/** Takes back a part for which there is no room after all. */
class Refused extends Error {
  readonly outcome: PartOutcome

  constructor(outcome: PartOutcome) {
    super(outcome)
    this.outcome = outcome
  }
}
