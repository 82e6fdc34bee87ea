/** What can go wrong on purpose. */
import type { OwnRedis } from '../../support/redis.ts'
import type { openProxy } from '../../support/tcp-proxy.ts'
import type { Machine } from '../machine.ts'
import type { Random } from '../random.ts'

export type Network = Awaited<ReturnType<typeof openProxy>>

/** What a fault reaches. */
export type Site = {
  /** Holds the embedded database. */
  home: Machine
  /** Reaches that database through `network`. */
  remote: Machine
  network: Network
  redis: OwnRedis | undefined
  /** The small file system that the database lies on; undefined where none could be mounted. */
  disk: { folder: string } | undefined
}

export type Injection = {
  site: Site
  random: Random
  /** Multiplies how long a fault lasts: 1 in the long form. */
  scale: number
}

/** What was done to whom, and when the service was left alone again, in ms of Date.now(). */
export type Injected = { detail: string; endedAt: number }

export type Fault = {
  name: string
  /** What happens, in a few words for the table. */
  about: string
  needs?: 'redis' | 'disk'
  /** Happens only where there are any. */
  hits?: 'jobs' | 'trainers'
  /** Does it, and resolves when it is over. @throws where it did not happen */
  inject: (injection: Injection) => Promise<Injected>
}
