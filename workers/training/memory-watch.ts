/** Watches a training process from outside: what TensorFlow holds, V8's own limits do not see. */
import { readFileSync } from 'node:fs'
import { residentBytes } from '../../src/platform/resident-bytes.ts'

const intervalMs = 250

/** How often the kernel has ended a process for want of memory: on this machine, or within the limits of this container. */
export const kernelKills = (): number => {
  const counts = ['/proc/vmstat', '/sys/fs/cgroup/memory.events', '/sys/fs/cgroup/memory/memory.oom_control'].map((file) => {
    try {
      return Number(/^oom_kill (\d+)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0)
    } catch {
      return 0
    }
  })
  return counts.reduce((sum, count) => sum + count, 0)
}

export type MemoryWatchOptions = {
  pid: number
  /** Undefined: only the kernel's limit counts. */
  limitBytes: number | undefined
  /** Called once, with what the process held. */
  onOver: (bytes: number) => void
  /** How often the kernel has killed, as far as it says. */
  kills?: () => number
}

/** Watches until closed. */
export const watchMemory = ({ pid, limitBytes, onOver, kills = kernelKills }: MemoryWatchOptions) => {
  let over: number | undefined
  // Somebody else's death counts only if it came within the last moments: a job may train for days.
  let before = kills()
  let latest = before

  const look = async (): Promise<void> => {
    before = latest
    latest = kills()
    if (limitBytes === undefined || over !== undefined) return
    const bytes = await residentBytes(pid)
    if (bytes === null || bytes <= limitBytes || over !== undefined) return
    over = bytes
    onOver(bytes)
  }
  const timer = setInterval(() => void look(), intervalMs)
  timer.unref()

  return {
    /** What the process held when it was over its limit. */
    over: (): number | undefined => over,
    /** True if the kernel has ended a process within the last moments. */
    kernelKilled: (): boolean => kills() > before,
    close: (): void => clearInterval(timer),
  }
}

export type MemoryWatch = ReturnType<typeof watchMemory>
