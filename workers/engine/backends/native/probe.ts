/** Asks in a child process whether native TensorFlow loads here: a bad library takes the asking process down. */
import { fork } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { candidatesFor, type NativeBackendName, type NativeCandidate } from './locate.ts'

/** What a child saw: either a working TensorFlow, or why there is none. */
export type ProbeReport =
  | {
      ok: true
      device: 'cpu' | 'gpu'
      version: string
      candidate: NativeCandidate
      /** From the child's start of loading to a ready backend. */
      milliseconds: number
      lossBefore: number
      lossAfter: number
    }
  | { ok: false; reason: string }

const timeLimit = 120_000

/**
 * Loads `name` in a child, trains one step there and reports. Never throws, and answers at once if nothing is installed.
 * @param candidate where to load from, instead of searching
 */
export const probeNative = (name: NativeBackendName, candidate?: NativeCandidate): Promise<ProbeReport> => {
  if (!candidate && candidatesFor(name).length === 0)
    return Promise.resolve({
      ok: false,
      reason: `not installed: npm run tensorflow:install${name === 'tensorflow-gpu' ? ' -- --gpu' : ''}`,
    })
  return new Promise((resolve) => {
    const child = fork(entry(), [name, ...(candidate ? [JSON.stringify(candidate)] : [])], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    let report: ProbeReport | undefined
    let errors = ''
    const timer = setTimeout(() => child.kill('SIGKILL'), timeLimit)
    child.stderr?.on('data', (text: Buffer) => {
      errors = (errors + text.toString()).slice(-2000)
    })
    child.on('message', (message) => {
      report = message as ProbeReport
    })
    child.on('error', (error) => resolve({ ok: false, reason: error.message }))
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      const last = errors.trim().split('\n').at(-1)
      const death = `the library ended the process that loaded it (${signal ?? `exit code ${code}`})${last ? `: ${last}` : ''}`
      resolve(report ?? { ok: false, reason: death })
    })
  })
}

const entry = (): string => {
  const here = fileURLToPath(import.meta.url)
  return path.join(path.dirname(here), `probe.child${path.extname(here)}`)
}
