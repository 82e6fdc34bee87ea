/** One side of a comparison: a process that trains the same job again and again, when told to. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** One trained job, as a side reports it. */
export type Measured = { seconds: number; cpuSeconds: number; loss: number; peakBytes: number }

/** A running side: `ask` sends it a line, and gives the line that it answers. */
export type Side = {
  greeting: Record<string, unknown>
  ask: (line: string) => Promise<Record<string, unknown>>
  train: () => Promise<Measured>
  stop: () => void
}

const nextLine = async (lines: AsyncIterator<string>, child: ChildProcess, errors: () => string): Promise<Record<string, unknown>> => {
  const { value, done } = await lines.next()
  if (done) throw new Error(`${child.spawnargs.slice(0, 3).join(' ')} ended: ${errors().slice(-2000)}`)
  return JSON.parse(value) as Record<string, unknown>
}

/**
 * Starts a side and waits until it can train.
 * @throws Error with what it printed, when it ends instead
 */
export const startSide = async (command: string, args: string[], environment: Record<string, string> = {}): Promise<Side> => {
  const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: ['pipe', 'pipe', 'pipe'] })
  let errors = ''
  child.on('error', (error) => {
    errors += error.message
  })
  child.stdin.on('error', (error) => {
    errors += error.message
  })
  child.stderr.on('data', (text: Buffer) => {
    errors = (errors + text.toString()).slice(-4000)
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = () => nextLine(lines, child, () => errors)
  const greeting = await answer()
  const ask = (line: string): Promise<Record<string, unknown>> => {
    child.stdin.write(`${line}\n`)
    return answer()
  }
  return { greeting, ask, train: async () => (await ask('train')) as unknown as Measured, stop: () => child.kill('SIGKILL') }
}
