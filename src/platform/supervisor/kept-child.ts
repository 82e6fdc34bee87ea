/**
 * A child process that is kept running: started again when it crashes, slower each time, and stopped with us. Its first process may be
 * there before its environment is known, and load its code meanwhile.
 */
import { type ChildProcess, fork } from 'node:child_process'
import type { Announcement } from '../entry.ts'
import type { Log } from '../log.ts'
import type { EnvironmentMessage } from './messages.ts'
import { stdio } from './preloaded-child.ts'

export type KeptChildOptions = {
  name: string
  /** The module to run. */
  entry: string
  /** Its first process, if that is loading already. */
  first?: ChildProcess
  /** Environment of the next start. */
  env: () => NodeJS.ProcessEnv
  log: Log
  onAnnouncement: (announcement: Announcement) => void
  /** The child never came up: no more is tried. */
  onGiveUp: (error: Error) => void
  /** A child that ran this long once it was ready was well: its next crash starts the delays anew. */
  wellAfterMs?: number
}

const restartDelaysMs = [100, 500, 1000, 2000, 5000]

/** Starts of a child that has never been ready, before giving up. */
const firstStarts = 4

export const keepChild = ({ name, entry, first, env, log, onAnnouncement, onGiveUp, wellAfterMs = 2000 }: KeptChildOptions) => {
  let child: ChildProcess | undefined
  let restart: NodeJS.Timeout | undefined
  let stopping = false
  let hasBeenReady = false
  let crashes = 0

  const start = (loaded?: ChildProcess): void => {
    let readyAt = Number.POSITIVE_INFINITY
    const isLoaded = loaded?.connected === true
    const started = isLoaded ? loaded : fork(entry, [], { env: env(), stdio: [...stdio] })
    if (isLoaded) started.send({ environment: env() } satisfies EnvironmentMessage, () => {})
    child = started
    started.on('message', (announcement: Announcement) => {
      hasBeenReady = true
      readyAt = Date.now()
      onAnnouncement(announcement)
    })
    started.on('error', (error) => log.error({ err: error }, `${name} could not be started`))
    started.on('exit', (code, signal) => {
      child = undefined
      if (!stopping) again(signal ?? `exit code ${code}`, Date.now() - readyAt)
    })
  }

  const again = (ending: string, ranForMs: number): void => {
    crashes = ranForMs >= wellAfterMs ? 1 : crashes + 1
    if (!hasBeenReady && crashes >= firstStarts) {
      onGiveUp(new Error(`${name} does not start (${ending})`))
      return
    }
    const delay = restartDelaysMs[Math.min(crashes, restartDelaysMs.length) - 1]
    log.error(`${name} ended unexpectedly (${ending}): starting it again in ${delay} ms`)
    restart = setTimeout(() => start(), delay)
  }

  /** Asks the child to end, and ends it by force after `graceMs`. Resolves when it is gone. */
  const stop = async (graceMs: number): Promise<void> => {
    stopping = true
    clearTimeout(restart)
    const running = child
    if (!running) return
    const gone = new Promise((resolve) => running.once('exit', resolve))
    const timer = setTimeout(() => running.kill('SIGKILL'), graceMs)
    running.kill('SIGTERM')
    await gone
    clearTimeout(timer)
  }

  start(first)
  return { stop, pid: (): number | undefined => child?.pid }
}

export type KeptChild = ReturnType<typeof keepChild>
