/**
 * The life of a process, the same for every role: read the environment, start, announce, run until a signal or the end
 * of the parent, close in reverse order of opening, exit. An entry is then a list of what it opens:
 *
 *     await runEntry({ name: 'api', env: process.env }, async ({ config, log, defer, announceListening }) => {
 *       const infrastructure = await openInfrastructure(config, log)
 *       defer(infrastructure.close)
 *       ...
 *       announceListening(port)
 *     })
 */
import { type Config, ConfigError, loadConfig } from '../config.ts'
import { createLog, type Log } from './log.ts'
import { type EnvironmentMessage, preloading } from './supervisor/messages.ts'

/** What a child tells its supervisor. */
export type Announcement = { type: 'listening'; url: string } | { type: 'ready' }

export type EntryContext = {
  config: Config
  log: Log
  /** Aborts when the process is to end, also in the middle of starting. */
  stopping: AbortSignal
  /** Registers what to close at the end; the last registered closes first. */
  defer: (close: () => Promise<unknown> | unknown) => void
  /** Says that requests are taken: one line on standard output, or a word to the supervisor. */
  announceListening: (port: number) => void
  /** Says that work is taken; only a supervisor hears it. */
  announceReady: () => void
  /** Ends the process as a signal would, with exit code 1 if an error is the cause. */
  stop: (reason: string, error?: unknown) => void
}

export type EntryOptions = {
  /** Names the process in the log. */
  name: string
  env: Readonly<Record<string, string | undefined>>
  /** False for a process without the HTTP entry point. */
  listens?: boolean
  /** How long closing may take before the process ends anyway. */
  graceMs?: number
}

/** npm passes a Ctrl-C on to a child that the terminal already told: signals this close together are one. */
const sameSignalMs = 1000

/** Without a parent there is nobody to hand results to: close faster. */
const orphanGraceMs = 5000

/** Starts a role and keeps it until it is to end; the process exits by itself: 0 after a signal, 1 after a failure. */
export const runEntry = async (
  { name, env: given, listens = true, graceMs = 10_000 }: EntryOptions,
  start: (context: EntryContext) => Promise<void>,
): Promise<void> => {
  const env = given[preloading] ? await receiveEnvironment() : given
  const config = loadConfigOrExit(env, listens)
  const log = createLog({ level: config.logLevel, name })
  const stopping = new AbortController()
  const closers: (() => Promise<unknown> | unknown)[] = []
  let stoppedAt = 0
  let started: Promise<void> = Promise.resolve()

  const closeAll = async (): Promise<void> => {
    for (let close = closers.pop(); close; close = closers.pop()) {
      try {
        await close()
      } catch (error) {
        log.warn({ err: error }, 'closing failed')
      }
    }
  }

  const stop = (reason: string, error?: unknown, limitMs = graceMs): void => {
    if (stoppedAt > 0) return
    stoppedAt = Date.now()
    if (error) {
      log.fatal({ err: error }, `${reason}: ${error instanceof Error ? error.message : error}`)
      process.exitCode = 1
    } else log.info(`stopping: ${reason}`)
    stopping.abort()
    setTimeout(() => {
      log.error(`not closed after ${limitMs} ms: ending anyway`)
      process.exit(1)
    }, limitMs).unref()
    void started.then(closeAll).then(() => process.exit())
  }

  const onSignal = (signal: NodeJS.Signals): void => {
    if (stoppedAt > 0 && Date.now() - stoppedAt > sameSignalMs) {
      log.warn(`${signal} again: ending at once`)
      process.exit(1)
    }
    stop(signal)
  }
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal).on('SIGHUP', onSignal)
  process.on('uncaughtException', (error) => stop('unexpected failure', error))
  process.on('unhandledRejection', (error) => stop('unexpected failure', error))
  const onOrphaned = (): void => {
    if (stoppedAt > 0) process.exit(1)
    stop('the supervisor is gone', undefined, Math.min(graceMs, orphanGraceMs))
  }
  process.on('disconnect', onOrphaned)

  const announce = (announcement: Announcement): void => {
    if (process.connected) process.send?.(announcement)
    else if (announcement.type === 'listening') process.stdout.write(`listening on ${announcement.url}\n`)
  }

  started = start({
    config,
    log,
    stopping: stopping.signal,
    defer: (close) => {
      closers.push(close)
    },
    announceListening: (port) => announce({ type: 'listening', url: urlOf(config.host, port) }),
    announceReady: () => announce({ type: 'ready' }),
    stop,
  }).catch((error) => {
    // A start that was cut short by a signal fails as a matter of course.
    if (stoppedAt === 0) setImmediate(() => stop('could not start', error))
  })
  // False, and not undefined: there was a supervisor, which ended while this process was loading.
  if (process.connected === false) onOrphaned()
  await started
}

/** The address as a client writes it. */
export const urlOf = (host: string, port: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`

/** Waits, with all code loaded, until the supervisor knows what to start with. Ends with it. */
const receiveEnvironment = (): Promise<EntryOptions['env']> =>
  new Promise((resolve) => {
    const end = (): never => process.exit(0)
    process.once('disconnect', end)
    process.once('message', ({ environment }: EnvironmentMessage) => {
      process.off('disconnect', end)
      resolve(environment)
    })
    if (!process.connected) end()
  })

const loadConfigOrExit = (env: EntryOptions['env'], listens: boolean): Config => {
  try {
    return loadConfig(env, { listens })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}
