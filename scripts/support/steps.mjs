/** Small helpers of the scripts: where the package lies, what to say, how to run a command to its end. */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

/** The oldest Node that runs Trainyard. */
const oldestNode = [20, 19]

/** Says what goes on, apart from what a program prints for others to read. */
export const say = (message) => process.stderr.write(`${message}\n`)

/** Ends the script with a message that says what to do. */
export const fail = (message) => {
  say(message)
  process.exit(1)
}

export const requireNode = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [wantedMajor, wantedMinor] = oldestNode
  if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor))
    fail(
      `Trainyard needs Node ${oldestNode.join('.')} or newer, and this is ${process.versions.node}: install a newer one from https://nodejs.org`,
    )
}

/**
 * Runs a command in the package's folder until it ends. With `quiet` its output is kept back and returned, otherwise it
 * goes to standard error.
 * @returns {Promise<{ code: number, output: string }>}
 */
export const run = (command, args, { env = process.env, quiet = false, cwd = root } = {}) =>
  new Promise((done) => {
    const child = spawn(command, args, { cwd, env, stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    child.on('error', (error) => done({ code: 127, output: error.message }))
    child.on('close', (code) => done({ code: code ?? 1, output }))
  })

/** Shows that work goes on: the message now, and the seconds while `work` takes longer than a person likes to wait. */
export const withProgress = async (message, work) => {
  const startedAt = Date.now()
  const seconds = () => ((Date.now() - startedAt) / 1000).toFixed(0)
  say(`${message} ...`)
  const timer = setInterval(() => say(`  still ${message}, ${seconds()} s`), 10_000)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
