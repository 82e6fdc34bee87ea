/** One machine of the service: `npm start` at an address that stays the same over deaths and starts. */
import { mkdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { alive, kill, mentioning, type Running } from '../support/e2e/processes.ts'
import { type Product, startProduct } from '../support/e2e/product.ts'
import { freePort } from '../support/redis.ts'

const roles = {
  api: /src[\\/]server\.js/,
  worker: /workers[\\/]worker\.js/,
  child: /workers[\\/]training[\\/][^ ]*child[^ ]*\.js/,
  trainer: /workers[\\/]trainers[\\/][^ ]*child[^ ]*\.js/,
}
export type Role = keyof typeof roles

/** A start right after a kill -9 may meet what the dead one left: it is tried again, as a service manager does. */
const startAttempts = 5
const startPauseMs = 1000

export const createMachine = async (name: string, dataDir: string, env: () => Record<string, string>) => {
  mkdirSync(dataDir, { recursive: true, mode: 0o755 })
  const port = await freePort()
  let product: Product | undefined
  let earlier = ''

  const start = async (): Promise<void> => {
    if (product) earlier += product.output()
    for (let attempt = 1; ; attempt++) {
      try {
        product = await startProduct({ WORKERS: '1', ...env(), PORT: String(port), DATA_DIR: dataDir })
        return
      } catch (error) {
        earlier += String(error)
        if (attempt === startAttempts) throw error
        await sleep(startPauseMs)
      }
    }
  }

  const processes = (): Running[] => product?.processes() ?? []
  /** Processes of a role, the newest last; none while they are being started. */
  const pidsOf = (role: Role): number[] =>
    processes()
      .filter(({ command }) => roles[role].test(command))
      .map(({ pid }) => pid)
  const supervisor = (): number | undefined => product?.process.pid

  /** kill -9 of the supervisor alone; resolves when what it had started is gone too, the database apart, which serves whoever comes next. */
  const killSupervisor = async (): Promise<void> => {
    const orphans = processes().filter(({ command }) => Object.values(roles).some((role) => role.test(command)))
    kill(supervisor() ?? 0)
    while (orphans.some(({ pid }) => alive(pid))) await sleep(20)
  }

  /** kill -9 of all, the database included. */
  const killAll = (): void => {
    product?.killAll()
    for (const { pid } of mentioning(`${dataDir}/`)) kill(pid)
  }

  return {
    name,
    base: `http://127.0.0.1:${port}`,
    dataDir,
    start,
    pidsOf,
    supervisor,
    killSupervisor,
    killAll,
    /** In order, where it still can; else by force. */
    stop: async (): Promise<void> => {
      const orderly = product?.stop()
      await Promise.race([orderly, sleep(25_000, undefined, { ref: false })])
      killAll()
    },
    output: () => earlier + (product?.output() ?? ''),
  }
}

export type Machine = Awaited<ReturnType<typeof createMachine>>
