/** `client.imports`: files that the service fetches by itself; `client.datasets.import` begins one. */
import { UnsuccessfulError } from '../errors.ts'
import { createList, type List } from '../http/pages.ts'
import { segment } from '../http/query.ts'
import type { CallOptions, Transport } from '../http/transport.ts'
import type { Import, ImportQuery } from '../types.ts'

/** How long the service may hold an answer back, in seconds. */
const waitSeconds = 60

export const createImports = (transport: Transport) => {
  const path = (id: string, rest = ''): string => `/v1/imports/${segment(id)}${rest}`

  const get = (id: string, options: CallOptions = {}): Promise<Import> => transport.json('GET', path(id), options)

  const list = (query: ImportQuery = {}, options: CallOptions = {}): List<Import> =>
    createList((after) => transport.json('GET', '/v1/imports', { ...options, query: { ...query, after: after ?? query.after } }))

  /** Waits until the file is a dataset, and gives its id. @throws UnsuccessfulError if it does not become one */
  const wait = async (id: string, options: CallOptions = {}): Promise<string> => {
    const request = { ...options, query: { wait: waitSeconds, waitFor: 'end' }, maxSilenceMs: transport.timeoutMs + waitSeconds * 1000 }
    for (;;) {
      const now = await transport.json<Import>('GET', path(id), request)
      if (now.status === 'queued' || now.status === 'running') continue
      if (now.datasetId !== null) return now.datasetId
      const { code = 'CANCELLED', message = 'it was cancelled' } = now.error ?? {}
      throw new UnsuccessfulError<Import>(code, `Import ${id} ${now.status}: ${message}`, now)
    }
  }

  const cancel = (id: string, options: CallOptions = {}): Promise<Import> => transport.json('POST', path(id, '/cancel'), options)

  const remove = (id: string, options: CallOptions = {}): Promise<void> => transport.json('DELETE', path(id), options)

  return { get, list, wait, cancel, delete: remove }
}
