import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'

/** What Linux counts a process's time in, whatever the kernel's own clock. */
const ticksPerSecond = 100

/** Milliseconds of processors that a process has taken, all its threads together; null if it is gone. */
export const processorTime = async (pid: number): Promise<number | null> => {
  try {
    if (process.platform === 'linux') {
      // The name before them is in brackets, and may hold anything.
      const [, fields = ''] = /\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
      const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number)
      return ((user + system) * 1000) / ticksPerSecond
    }
    const { stdout } = await promisify(execFile)('ps', ['-o', 'time=', '-p', String(pid)])
    return (
      stdout
        .trim()
        .split(/[-:]/)
        .map(Number)
        .reduce((sum, part) => 60 * sum + part, 0) * 1000
    )
  } catch {
    return null
  }
}
