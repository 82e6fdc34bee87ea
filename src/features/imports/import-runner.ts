/** Fetches imports, a few at a time, as long as the process lives. Another process goes on with what one leaves. */
import { Readable } from 'node:stream'
import { importLimits } from '../../api/import.schema.ts'
import { channels } from '../../contracts/queue.ts'
import type { Notifications } from '../../platform/db/notifications.ts'
import type { OutboundStream } from '../../platform/outbound/outbound-http.ts'
import type { OnStored } from '../on-stored.ts'
import type { ImportRepository } from './import.repository.ts'
import type { ImportClaim, ImportRequest } from './import.ts'
import { importErrorOf, isOutboundError, SourceStatus } from './import-error.ts'

/** A file that comes, and what is said of it; `filename` may tell what nobody said. */
export type ImportedFile = Omit<ImportRequest, 'url'> & { bytes: Readable; servedType: string; filename: string }

type Collaborators = {
  imports: ImportRepository
  notifications: Pick<Notifications, 'on'>
  /** Sends the request for a file, by all rules for such requests. */
  fetchFile: (url: string, limits: typeof importLimits, signal: AbortSignal) => Promise<OutboundStream>
  /** Makes a dataset of a file. */
  store: (tenant: string, file: ImportedFile, options: { signal: AbortSignal; onStored: OnStored }) => Promise<unknown>
  /** Tells what passes, as a database that is away, from what does not. */
  mayPass: (error: unknown) => boolean
  onError: (error: unknown) => void
  /** Whether there is anything to look for. */
  isOn: boolean
}

type Run = { claimed: ImportClaim; bytesRead: number; gone: AbortController; over: Promise<void> }

/** Imports that a process fetches at a time, and how often one is begun that a process could not finish. */
const importsAtOnce = 2
const maxAttempts = 5
/** How often a process says that it goes on, and looks for what others left. */
const beatMs = 1000

export const createImportRunner = ({ imports, notifications, fetchFile, store, mayPass, onError, isOn }: Collaborators) => {
  const runs = new Map<string, Run>()
  let filling: Promise<void> | undefined
  let isClosed = false

  /** Takes imports for as long as there are some and there is room. */
  const fill = async (): Promise<void> => {
    while (!isClosed && runs.size < importsAtOnce) {
      const claimed = await imports.claim()
      if (!claimed) return
      const run: Run = { claimed, bytesRead: 0, gone: new AbortController(), over: Promise.resolve() }
      runs.set(claimed.id, run)
      run.over = finish(run).catch(onError)
    }
  }

  /** Looks for imports now; who asks meanwhile is served by the same look. */
  const look = (): void => {
    if (!isOn || isClosed) return
    filling ??= fill()
      .catch(onError)
      .finally(() => {
        filling = undefined
      })
  }

  const finish = async (run: Run): Promise<void> => {
    const { claimed, gone } = run
    try {
      if (claimed.attempts > maxAttempts) throw new Error(`import ${claimed.id} broke off ${maxAttempts} times`)
      await fetchAndStore(run)
    } catch (error) {
      if (gone.signal.aborted || mayPass(error)) return
      const told = importErrorOf(error)
      if (told.code === 'INTERNAL') onError(error)
      await imports.fail(claimed, told, run.bytesRead)
    } finally {
      runs.delete(claimed.id)
      // What is refused in the middle comes no further.
      gone.abort()
      look()
    }
  }

  const fetchAndStore = async (run: Run): Promise<void> => {
    const { claimed, gone } = run
    const answer = await fetchFile(claimed.url, importLimits, gone.signal)
    if (answer.status < 200 || answer.status > 299) {
      answer.body.destroy()
      throw new SourceStatus(`The host answered ${answer.status} instead of the file`)
    }
    // Whoever reads a body that breaks off tells less of it than its own error does.
    let brokenBy: unknown
    const counted = async function* (): AsyncGenerator<Buffer> {
      try {
        for await (const piece of answer.body as AsyncIterable<Buffer>) {
          run.bytesRead += piece.length
          yield piece
        }
      } catch (error) {
        brokenBy = error
        throw error
      }
    }
    const { headers } = answer
    const file: ImportedFile = {
      ...claimed,
      ...encodingAndName(new URL(answer.url).pathname, claimed.contentEncoding ?? headers['content-encoding'] ?? null),
      servedType: headers['content-type'] ?? '',
      bytes: Readable.from(counted(), { objectMode: false }),
    }
    const onStored: OnStored = {
      ready: async () => {},
      write: async (client, datasetId) => {
        if (await imports.succeed(client, claimed, { datasetId, bytesRead: run.bytesRead })) return
        gone.abort()
        throw new Error(`import ${claimed.id} is over`)
      },
    }
    await store(claimed.tenant, file, { signal: gone.signal, onStored }).catch((error: unknown) => {
      throw isOutboundError(brokenBy) ? brokenBy : error
    })
  }

  /** Says that a run goes on, and ends it if that is not true any more. */
  const beat = async (run: Run): Promise<void> => {
    if (!(await imports.renew(run.claimed, run.bytesRead))) run.gone.abort()
  }

  const timer = setInterval(() => {
    for (const run of runs.values()) beat(run).catch(onError)
    look()
  }, beatMs)
  timer.unref()
  const unsubscribe = notifications.on(channels.import, (id) => {
    const run = id === null ? undefined : runs.get(id)
    // Its own beats wake it too, with a token that holds.
    if (run) imports.isHeld(run.claimed).then((isHeld) => isHeld || run.gone.abort(), onError)
  })
  look()

  /** Gives back what it fetches, so that others go on with it at once. */
  const close = async (): Promise<void> => {
    isClosed = true
    clearInterval(timer)
    unsubscribe()
    await filling
    await Promise.all(
      [...runs.values()].map(async ({ claimed, gone, over }) => {
        gone.abort()
        await over
        await imports.release(claimed).catch(onError)
      }),
    )
  }

  return { look, close }
}

export type ImportRunner = ReturnType<typeof createImportRunner>

/** How a file is compressed, and its name without what only says so. */
const encodingAndName = (path: string, said: string | null): { contentEncoding: string | null; filename: string } => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const [, plain = name, ending = ''] = /^(.*)\.(gz|zst)$/i.exec(name) ?? []
  const byName = { gz: 'gzip', zst: 'zstd' }[ending.toLowerCase()] ?? null
  return { contentEncoding: said ?? byName, filename: plain }
}
