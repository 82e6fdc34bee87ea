/**
 * The place where it all happens: a machine with the embedded database, a second one that reaches the database over a network
 * that can be cut, and a Redis where the queue is to be there. Leaves no process, mount or folder behind.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedUrl, withDatabase } from '../support/e2e/embedded-database.ts'
import { kill, mentioning } from '../support/e2e/processes.ts'
import { type OwnRedis, startOwnRedis } from '../support/redis.ts'
import { openProxy } from '../support/tcp-proxy.ts'
import type { Network, Site } from './faults/fault.ts'
import { createMachine, type Machine } from './machine.ts'

export type Queue = 'postgres' | 'redis'

/** Room for the cluster, its log and some hundred jobs. */
const diskMebibytes = 768
/** A port that nobody listens on. */
const nowhere = 'postgres://127.0.0.1:1/postgres'

/** A file system of its own for `folder`. False where this user may not mount one. */
const mountDisk = (folder: string): boolean => {
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMebibytes}m,mode=755`, 'trainyard-chaos', folder])
  return status === 0
}

/** Starts everything. `withDisk`: the database lies on a small disk, where one can be mounted. */
export const openSite = async ({ queue, withDisk }: { queue: Queue; withDisk: boolean }) => {
  const root = mkdtempSync(join(tmpdir(), 'trainyard-chaos-'))
  chmodSync(root, 0o755)
  const homeFolder = join(root, 'home')
  mkdirSync(homeFolder, { mode: 0o755 })
  const mounted = withDisk && mountDisk(homeFolder)
  const machines: Machine[] = []
  let redis: OwnRedis | undefined
  let network: Network | undefined

  /** By force, and without waiting: also for an exit that cannot wait. */
  const clear = (): void => {
    for (const machine of machines) machine.killAll()
    for (const { pid } of mentioning(root)) kill(pid)
    if (mounted) spawnSync('umount', ['-l', homeFolder])
    rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
  process.once('exit', clear)

  const close = async (): Promise<void> => {
    // The one that needs the other's database goes first.
    for (const machine of machines.toReversed()) await machine.stop()
    await network?.close()
    await redis?.stop()
    process.removeListener('exit', clear)
    clear()
  }

  try {
    redis = queue === 'redis' ? await startOwnRedis() : undefined
    const shared: Record<string, string> = redis ? { REDIS_URL: redis.url } : {}
    const home = await createMachine('home', homeFolder, () => shared)
    machines.push(home)
    await home.start()
    // So that its log never grows to the disk's size.
    await withDatabase(homeFolder, (client) =>
      client.query(`alter system set max_wal_size = '64MB'`).then(() => client.query('select pg_reload_conf()')),
    )
    const here = embeddedUrl(homeFolder)
    network = await openProxy(() => urlNow(homeFolder))
    const through = new URL(here)
    through.port = new URL(network.url).port
    const remote = await createMachine('remote', join(root, 'remote'), () => ({ ...shared, DATABASE_URL: through.href }))
    machines.push(remote)
    await remote.start()
    const site: Site = { home, remote, network, redis, disk: mounted ? { folder: homeFolder } : undefined }
    return { site, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Where the database is now: after a start of everything it may have another port. */
const urlNow = (dataDir: string): string => {
  try {
    return embeddedUrl(dataDir)
  } catch {
    return nowhere
  }
}
