import { spawn } from 'node:child_process'

/** What a finished command left: its exit code (null when it was stopped), and all it printed. */
/** @typedef {{ code: number | null, output: string, timedOut: boolean }} Outcome */

/**
 * Runs a command to its end, or for at most `limit` milliseconds: then it and its children are killed.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, limit?: number, show?: boolean }} [options]
 * @returns {Promise<Outcome & { stdout: string }>}
 */
export const run = (command, args, { cwd, env, limit, show = false } = {}) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let stdout = ''
    let timedOut = false
    const stop = () => {
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It ended by itself.
      }
    }
    const timer =
      limit &&
      setTimeout(() => {
        timedOut = true
        stop()
      }, limit)
    const interrupted = () => {
      stop()
      process.exit(130)
    }
    process.once('SIGINT', interrupted)
    process.once('SIGTERM', interrupted)
    const finish = (code) => {
      clearTimeout(timer)
      process.off('SIGINT', interrupted)
      process.off('SIGTERM', interrupted)
      resolve({ code, output, stdout, timedOut })
    }
    const keep = (text) => {
      output += text
      if (show) process.stderr.write(text)
    }
    child.stdout.on('data', (text) => {
      stdout += text
      keep(text.toString())
    })
    child.stderr.on('data', (text) => keep(text.toString()))
    child.on('error', (error) => {
      output += error.message
      finish(127)
    })
    child.on('close', finish)
  })

/** The last lines of what a command printed, for an error message. */
export const lastLines = (output, count = 8) => output.trim().split('\n').slice(-count).join('\n')

/** A failure whose message is all that a person needs: no stack is printed. */
export class InstallError extends Error {}
