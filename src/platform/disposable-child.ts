/**
 * A process for one piece of work on bytes that nobody has looked at: it has an empty environment, no network where the kernel lets it be
 * taken away, a user without privileges if this process is root's, and limits of memory and time that are watched from here.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { processorTime } from './processor-time.ts'
import { residentBytes } from './resident-bytes.ts'

export type DisposableTask = {
  /** The module that it runs, which calls `becomeDisposable` before it looks at a byte. */
  entry: URL
  /** What it is told, as JSON on its standard input. */
  told: unknown
  /** A descriptor that it has as 3. */
  file: number
  memoryBytes: number
  timeoutMs: number
  /** What it may take of processors, asked again and again: one that gets on may be given more. Unlimited unless given. */
  processorMs?: () => number
  /** Gets what it writes by `writeFrame`, in order; the next one waits for it. What it throws ends the child. */
  onFrame: (kind: number, bytes: Buffer) => void
}

/** The child died; the message says of what. */
export class ChildDied extends Error {
  override readonly name = 'ChildDied'
}

export type RunDisposable = (task: DisposableTask) => Promise<void>

const lookMs = 50
/** A kind and a length before each frame, and the longest that there may be. */
const headBytes = 5
const longestFrame = 256 * 1024 * 1024

/** Runs it to its end. @throws ChildDied unless it ends by itself, in order */
export const runDisposable: RunDisposable = async ({ entry, told, file, memoryBytes, timeoutMs, processorMs, onFrame }) => {
  const heapMib = Math.floor(memoryBytes / 2 ** 20)
  const command = [
    ...(await withoutNetwork()),
    process.execPath,
    `--max-old-space-size=${heapMib}`,
    ...loaderOf(entry),
    fileURLToPath(entry),
  ]
  // No dump of what it held is left behind, and its processor time ends even if nobody is left who would end it.
  const limits = `ulimit -c 0; ulimit -t ${Math.ceil((2 * timeoutMs) / 1000)}; exec "$@"`
  const child = spawn('/bin/sh', ['-c', limits, 'sh', ...command], { cwd: '/', env: {}, stdio: ['pipe', 'pipe', 'pipe', file] })
  const ended = endOf(child)
  let why: string | undefined
  const kill = (reason: string): void => {
    why ??= reason
    child.kill('SIGKILL')
  }
  const timer = setTimeout(() => kill(`it took longer than ${timeoutMs / 1000} s`), timeoutMs)
  const watch = setInterval(async () => {
    if (child.pid === undefined) return
    const bytes = await residentBytes(child.pid)
    if (bytes !== null && bytes > memoryBytes) kill(`it took more than ${heapMib} MiB of memory`)
    const most = processorMs?.()
    const taken = most === undefined ? null : await processorTime(child.pid)
    if (most !== undefined && taken !== null && taken > most) kill(`it took more than ${Math.round(most / 100) / 10} s of a processor`)
  }, lookMs)
  try {
    child.stdin?.on('error', () => {})
    child.stdin?.end(JSON.stringify(told))
    if (child.stdout) await readFrames(child.stdout, onFrame)
  } finally {
    clearTimeout(timer)
    // What ended the loop may have been a frame that nobody wants.
    child.kill('SIGKILL')
    await ended
    clearInterval(watch)
  }
  const how = await ended
  if (why !== undefined || how !== endedInOrder) throw new ChildDied(why ?? how)
}

const endedInOrder = 'exit code 0'

const readFrames = async (stdout: AsyncIterable<Buffer>, onFrame: DisposableTask['onFrame']): Promise<void> => {
  let held: Buffer[] = []
  let bytes = 0
  let wanted = headBytes
  for await (const chunk of stdout) {
    held.push(chunk)
    bytes += chunk.length
    if (bytes < wanted) continue
    let all = held.length === 1 ? chunk : Buffer.concat(held)
    for (wanted = headBytes; all.length >= headBytes; wanted = headBytes) {
      const length = all.readUInt32LE(1)
      if (length > longestFrame) throw new ChildDied('it wrote what is no answer')
      wanted = headBytes + length
      if (all.length < wanted) break
      onFrame(all.readUInt8(0), all.subarray(headBytes, wanted))
      all = all.subarray(wanted)
    }
    held = [all]
    bytes = all.length
  }
}

/** How it ended, in words; what it said last, if it said anything, stays here. */
const endOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.stderr?.resume()
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })

/** Run from its sources, a process needs what reads TypeScript. */
const loaderOf = (entry: URL): string[] => (entry.pathname.endsWith('.ts') ? ['--import', import.meta.resolve('tsx')] : [])

let knownWrapper: Promise<string[]> | undefined

/** What starts a program with no network but its own empty one; nothing where that is not allowed, or not there. */
const withoutNetwork = (): Promise<string[]> => {
  knownWrapper ??= findWrapper()
  return knownWrapper
}

const findWrapper = async (): Promise<string[]> => {
  const program = ['/usr/bin/unshare', '/bin/unshare'].find((path) => existsSync(path))
  if (process.platform !== 'linux' || !program) return []
  const wrapper = [program, ...(process.geteuid?.() === 0 ? [] : ['--user']), '--net', '--']
  const works = promisify(execFile)(program, [...wrapper.slice(1), process.execPath, '--version'], { env: {} })
  return works.then(
    () => wrapper,
    () => [],
  )
}
