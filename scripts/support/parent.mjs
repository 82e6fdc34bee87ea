/**
 * Ends a command with the npm that started it. npm passes SIGTERM and SIGINT on to the shell that it started, which the scripts in
 * package.json replace by themselves (`exec`): a shell keeps a SIGINT to itself. Of a SIGHUP, or npm's own death, nobody tells: the
 * command would serve on, without a parent.
 */
import { readFileSync } from 'node:fs'

const lookMs = 500

/** Calls `onGone` once the npm that runs this script is gone. A command that was started in any other way may outlive its parent. */
export const watchNpm = (onGone) => {
  if (!startedByNpm()) return
  const parents = lineOf(process.pid)
  const timer = setInterval(() => {
    const now = lineOf(process.pid)
    if (parents.every((pid, at) => now[at] === pid)) return
    clearInterval(timer)
    onGone()
  }, lookMs)
  timer.unref()
}

/** True if this very process is what npm was asked to run; a script further down has npm's environment too. */
const startedByNpm = () => {
  const command = process.env.npm_lifecycle_script ?? ''
  const script = /scripts\/(\w+\.mjs)/.exec(command)?.[1]
  return script !== undefined && process.argv[1]?.endsWith(`scripts/${script}`) === true
}

/** The parent, and where that is the shell between npm and us, npm. */
const lineOf = (pid) => {
  const parent = pid === process.pid ? process.ppid : parentOf(pid)
  return isShell(parent) ? [parent, parentOf(parent)] : [parent]
}

const isShell = (pid) => /^(\S*\/)?(sh|bash|dash|ash|zsh|busybox)\0.*-c\0/.test(read(`/proc/${pid}/cmdline`))

const parentOf = (pid) => Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0)

/** Empty if there is no such process, or no /proc: macOS has a shell that makes way for the command. */
const read = (path) => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
