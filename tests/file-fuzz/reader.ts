/** A process that reads one file after the other, and is replaced if a file ends it or keeps it. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { requireFileFormat } from '../../src/features/datasets/formats/all-formats.ts'
import { residentBytes } from '../../src/platform/resident-bytes.ts'
import type { FileAnswer, FileTold } from './reader.child.ts'

const entry = fileURLToPath(new URL('./reader.child.ts', import.meta.url))
/** What the service lets the child of a file have. */
const memoryBytes = 1024 * 1024 * 1024
const lookMs = 100

export const createFileReader = (limitMs: number) => {
  let child: ChildProcess | undefined

  const start = async (): Promise<ChildProcess> => {
    const execArgv = ['--import', 'tsx', '--max-old-space-size=1024']
    const started = fork(entry, { serialization: 'advanced', execArgv, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    await once(started, 'message')
    return started
  }

  /** Reads a file. A death or a hang is an answer too, and no wrong one where the service gives such a file a child of its own. */
  const read = async (told: FileTold): Promise<FileAnswer> => {
    child ??= await start()
    const reading = child
    const isWhole = told.format !== 'json' && requireFileFormat(told.format).open === null
    const began = performance.now()
    const ended = (outcome: string): FileAnswer => ({
      outcome: isWhole ? `unreadable_file` : outcome,
      wrong: isWhole ? null : outcome,
      ms: performance.now() - began,
    })
    let why: string | undefined
    const kill = (reason: string): void => {
      why ??= reason
      reading.kill('SIGKILL')
    }
    const timer = setTimeout(() => kill(`it took longer than ${limitMs} ms`), limitMs)
    const watch = setInterval(async () => {
      const bytes = reading.pid === undefined ? null : await residentBytes(reading.pid)
      if (bytes !== null && bytes > memoryBytes) kill('it took more than 1 GiB of memory')
    }, lookMs)
    try {
      return await new Promise<FileAnswer>((resolve) => {
        reading.once('message', (answer: FileAnswer) => resolve(answer))
        reading.once('exit', (code, signal) => resolve(ended(`the process ended: ${why ?? signal ?? `exit code ${code}`}`)))
        reading.send(told)
      })
    } finally {
      clearTimeout(timer)
      clearInterval(watch)
      reading.removeAllListeners()
      if (reading.exitCode !== null || reading.signalCode !== null) child = undefined
    }
  }

  const close = (): void => void child?.kill('SIGKILL')
  return { read, close }
}
