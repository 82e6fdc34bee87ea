/** Imports: files that the service fetches from a URL, and makes datasets of. */
import { type CreateImport, finalImportStatuses, type ImportResource, maxOpenImports } from '../../api/import.schema.ts'
import { type Page, type PageRequest, toPage } from '../../api/page.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { channels } from '../../contracts/queue.ts'
import type { Notifications } from '../../platform/db/notifications.ts'
import { shown } from '../../validation/validation-errors.ts'
import type { NewId } from '../ids.ts'
import type { OnStored } from '../on-stored.ts'
import type { ImportRepository } from './import.repository.ts'
import { type Import, toImportResource } from './import.ts'
import { isOutboundError } from './import-error.ts'

type Collaborators = {
  imports: ImportRepository
  notifications: Pick<Notifications, 'watch'>
  newId: NewId
  /** Whether there are hosts to import from. */
  isOn: boolean
  /** @throws OutboundError if the URL is none that may be fetched */
  checkUrl: (url: string) => unknown
  /** Looks for imports now. */
  look: () => void
}
export type WaitOptions = { waitSeconds: number; waitFor?: 'change' | 'end'; signal?: AbortSignal }

/** A wait reads the row again this often: a wake-up may be missing, and a database that went away is to be noticed. */
const rereadMs = 5000

export const createImportService = ({ imports, notifications, newId, isOn, checkUrl, look }: Collaborators) => {
  /** @throws Problem IMPORT_DISABLED, VALIDATION_FAILED if the URL may not be fetched, CONFLICT if too many of the tenant's are open */
  const create = async (tenant: string, request: CreateImport, onStored?: OnStored): Promise<ImportResource> => {
    if (!isOn) throw disabled()
    requireUrl(request.url)
    const { url, contentType = null, contentEncoding = null, ...options } = request
    const id = newId('imp')
    await onStored?.ready()
    const isStored = await imports.insert(id, tenant, { url, contentType, contentEncoding, options }, async (client) =>
      onStored?.write(client, id),
    )
    if (!isStored) throw new Problem('CONFLICT', `${maxOpenImports} imports wait or run already: let one end, or cancel it`)
    look()
    return get(tenant, id)
  }

  const requireUrl = (url: string): void => {
    try {
      checkUrl(url)
    } catch (error) {
      if (!isOutboundError(error)) throw error
      const hint = error.code === 'host_not_allowed' ? ': the operator lists hosts in IMPORT_HOSTS' : ''
      throw new Problem('VALIDATION_FAILED', undefined, [
        { path: '/url', code: error.code, message: `${error.message}${hint}`, ...shown(withoutUser(url)) },
      ])
    }
  }

  /** The import. With `waitSeconds` it is told at its next change, or for the `end` once it is over; at the latest after that time. */
  const get = async (tenant: string, id: string, { waitSeconds, ...wait }: WaitOptions = { waitSeconds: 0 }): Promise<ImportResource> =>
    toImportResource(
      waitSeconds > 0 ? await awaitChange(tenant, id, { deadline: Date.now() + 1000 * waitSeconds, ...wait }) : await find(tenant, id),
    )

  const awaitChange = async (
    tenant: string,
    id: string,
    { deadline, waitFor = 'change', signal }: { deadline: number } & Omit<WaitOptions, 'waitSeconds'>,
  ): Promise<Import> => {
    const watch = notifications.watch(channels.import, id)
    try {
      const first = await find(tenant, id)
      for (let now = first; ; now = await find(tenant, id)) {
        const hasChanged = now.status !== first.status || now.bytesRead !== first.bytesRead
        const left = deadline - Date.now()
        if (isOver(now) || signal?.aborted || left <= 0 || (waitFor === 'change' && hasChanged)) return now
        await watch.next({ timeoutMs: Math.min(left, rereadMs), signal })
      }
    } finally {
      watch.close()
    }
  }

  const list = async (tenant: string, request: PageRequest): Promise<Page<ImportResource>> => {
    const page = toPage(await imports.list(tenant, request))
    return { ...page, data: page.data.map(toImportResource) }
  }

  /** Ends it at once; nothing is stored of it. @throws Problem CONFLICT if it is over */
  const cancel = async (tenant: string, id: string, onStored?: OnStored): Promise<ImportResource> => {
    await onStored?.ready()
    const isCancelled = await imports.cancel(tenant, id, async (client) => onStored?.write(client, id))
    const found = await find(tenant, id)
    if (!isCancelled) throw new Problem('CONFLICT', `Import ${id} is ${found.status}: there is nothing to cancel`)
    return toImportResource(found)
  }

  /** Its dataset stays. @throws Problem CONFLICT unless it is over */
  const remove = async (tenant: string, id: string): Promise<void> => {
    if (await imports.remove(tenant, id)) return
    const { status } = await find(tenant, id)
    throw new Problem('CONFLICT', `Import ${id} is ${status}: cancel it before deleting it`)
  }

  const find = async (tenant: string, id: string): Promise<Import> => {
    const found = await imports.find(tenant, id)
    if (!found) throw new Problem('NOT_FOUND', `There is no import ${id}`)
    return found
  }

  return { create, get, list, cancel, remove }
}

export type ImportService = ReturnType<typeof createImportService>

const isOver = ({ status }: Import): boolean => finalImportStatuses.includes(status)

const disabled = (): Problem =>
  new Problem('IMPORT_DISABLED', 'Imports are off: whoever runs the service sets IMPORT_HOSTS to the hosts that tables may come from', [
    { path: '/url', code: 'imports_disabled', message: 'must not be given while IMPORT_HOSTS is unset: send the file itself' },
  ])

/** A password is not repeated. */
const withoutUser = (url: string): string => url.replace(/\/\/[^/?#]*@/, '//')
