/** What runs on this machine, read from /proc or ps: the end-to-end tests kill parts of the product by their role. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

export type Running = { pid: number; parent: number; command: string }

/** From /proc, since small images have no ps. A zombie has no command line and counts as gone. */
const fromProc = (): Running[] =>
  readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return []
    try {
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0').join(' ').trim()
      const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${entry}/status`, 'utf8'))?.[1]
      return command ? [{ pid: Number(entry), parent: Number(parent), command }] : []
    } catch {
      return []
    }
  })

const fromPs = (): Running[] =>
  execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 })
    .split('\n')
    .flatMap((line) => {
      const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)
      return match ? [{ pid: Number(match[1]), parent: Number(match[2]), command: match[3] ?? '' }] : []
    })

const running = (): Running[] => (existsSync('/proc/self/status') ? fromProc() : fromPs())

/** All processes under `root`, itself included, parents first. */
export const treeOf = (root: number): Running[] => {
  const all = running()
  const found = all.filter((one) => one.pid === root)
  for (const one of found) found.push(...all.filter((child) => child.parent === one.pid))
  return found
}

/** Processes whose command line holds `text`, whoever their parent is. */
export const mentioning = (text: string): Running[] => running().filter((one) => one.command.includes(text))

/** kill -9; one that is gone already is fine. */
export const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** True while a process lives. */
export const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
