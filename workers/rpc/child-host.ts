import { fork } from 'node:child_process'
import type { CallMessage, ChildMessage, FailureMessage, Methods } from './messages.ts'

/** The child process is gone: it crashed, ran out of memory or was killed. */
export class ChildGone extends Error {
  override readonly name = 'ChildGone'
  /** The signal that ended it, if one did, and whether it was ours. */
  readonly signal: NodeJS.Signals | null
  readonly wasKilled: boolean
  /** The end of what it wrote to standard error. */
  readonly lastWords: string

  constructor(
    message: string,
    { signal = null, wasKilled = false, lastWords = '' }: Partial<Pick<ChildGone, 'signal' | 'wasKilled' | 'lastWords'>> = {},
  ) {
    super(message)
    this.signal = signal
    this.wasKilled = wasKilled
    this.lastWords = lastWords
  }
}

/** A call failed inside the child, which goes on. */
export class ChildFailure extends Error {
  override readonly name = 'ChildFailure'
  readonly code: string | undefined

  constructor({ message, code, stack }: FailureMessage) {
    super(message)
    this.code = code
    if (stack) this.stack = stack
  }
}

export type ChildOptions = {
  /** Absolute path of the child's entry. */
  entry: string
  /** Command-line arguments. */
  args?: string[]
  /** Its whole environment. */
  env: NodeJS.ProcessEnv
}

/** Characters of a child's standard error that are kept for whoever asks why it died. */
const lastWordsLength = 4096

type Pending = { resolve: (value: unknown) => void; reject: (error: Error) => void }

/** Starts a child process that speaks `Served` over its pipe. Everything it prints goes to standard error. */
export const startChild = <Served extends Methods>({ entry, args = [], env }: ChildOptions) => {
  const child = fork(entry, args, { env, serialization: 'advanced', stdio: ['ignore', 2, 'pipe', 'ipc'] })
  let wasKilled = false
  let lastWords = ''
  child.stderr?.on('data', (text: Buffer) => {
    process.stderr.write(text)
    lastWords = (lastWords + text.toString('latin1')).slice(-lastWordsLength)
  })
  const pending = new Map<number, Pending>()
  let lastId = 0
  let gone: ChildGone | undefined
  let markReady: Pending
  const ready = new Promise<unknown>((resolve, reject) => {
    markReady = { resolve, reject }
  })
  ready.catch(() => {})

  const exited = new Promise<void>((resolve) => {
    const end = (how: string, signal: NodeJS.Signals | null = null): void => {
      gone ??= new ChildGone(`the child process ended (${how})`, { signal, wasKilled, lastWords })
      markReady.reject(gone)
      for (const { reject } of pending.values()) reject(gone)
      pending.clear()
      resolve()
    }
    child.on('error', (error) => end(error.message))
    // Not `exit`: what it said last may still be in the pipe then.
    child.on('close', (code, signal) => end(signal ?? `exit code ${code}`, signal))
  })

  child.on('message', (message: ChildMessage) => {
    if ('ready' in message) return markReady.resolve(undefined)
    const call = pending.get(message.id)
    pending.delete(message.id)
    if (message.ok) call?.resolve(message.value)
    else call?.reject(new ChildFailure(message.error))
  })

  /** Calls a method of the child. @throws ChildGone, ChildFailure */
  const call = <Name extends keyof Served & string>(method: Name, argument: Served[Name]['argument']): Promise<Served[Name]['value']> =>
    new Promise((resolve, reject) => {
      if (gone) return reject(gone)
      const message: CallMessage = { id: ++lastId, method, argument }
      pending.set(message.id, { resolve, reject })
      // A failed write means that the child is going: its exit rejects what is pending.
      child.send(message, () => {})
    })

  /** Ends the child at once, whatever it is doing. */
  const kill = async (): Promise<void> => {
    wasKilled = true
    child.kill('SIGKILL')
    await exited
  }

  return {
    pid: child.pid,
    /** Resolves once the child has loaded. @throws ChildGone */
    ready: async (): Promise<void> => {
      await ready
    },
    call,
    kill,
    exited,
    /** The end of what it wrote to standard error. */
    lastWords: (): string => lastWords,
    isGone: (): boolean => gone !== undefined,
  }
}

export type Child<Served extends Methods> = ReturnType<typeof startChild<Served>>
