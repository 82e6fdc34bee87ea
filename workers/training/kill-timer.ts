import type { Child } from '../rpc/child-host.ts'
import type { Methods } from '../rpc/messages.ts'

/** Waits for a child to come to a stop by itself, and kills it when it takes too long. */
export const createKillTimer = <Served extends Methods>(child: Child<Served>, usualMs: number) => {
  let timer: NodeJS.Timeout | undefined
  let lost = false

  const end = (): void => clearTimeout(timer)
  const start = (ms = usualMs): void => {
    end()
    timer = setTimeout(() => {
      lost = true
      void child.kill()
    }, ms)
  }
  /** True once the child was killed: its end is no crash. */
  return { start, end, isLost: (): boolean => lost }
}

export type KillTimer = ReturnType<typeof createKillTimer>
