/** Processes that die or stand still. */
import { setTimeout as sleep } from 'node:timers/promises'
import { alive, kill } from '../../support/e2e/processes.ts'
import type { Machine, Role } from '../machine.ts'
import type { Fault, Injected, Injection } from './fault.ts'

/** One that is being started again right now is waited for. */
const findWithinMs = 20_000

const anyOf = async (role: Role, { site, random }: Injection): Promise<{ machine: Machine; pid: number }> => {
  const end = Date.now() + findWithinMs
  for (;;) {
    const candidates = [site.home, site.remote].flatMap((machine) => machine.pidsOf(role).map((pid) => ({ machine, pid })))
    if (candidates.length > 0) return random.pick(candidates)
    if (Date.now() > end) throw new Error(`no ${role} runs on any machine`)
    await sleep(50)
  }
}

const gone = async (pid: number): Promise<void> => {
  while (alive(pid)) await sleep(5)
}

const killOne = async (role: Role, injection: Injection): Promise<Injected> => {
  const { machine, pid } = await anyOf(role, injection)
  kill(pid)
  const endedAt = Date.now()
  await gone(pid)
  return { detail: `${machine.name}: ${role} ${pid}`, endedAt }
}

const stopWorker = async (injection: Injection): Promise<Injected> => {
  const { machine, pid } = await anyOf('worker', injection)
  process.kill(pid, 'SIGSTOP')
  try {
    await sleep(10_000 * injection.scale)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  return { detail: `${machine.name}: worker ${pid}`, endedAt: Date.now() }
}

const killSupervisor = async ({ site, random }: Injection): Promise<Injected> => {
  const machine = random.pick([site.home, site.remote])
  await machine.killSupervisor()
  const endedAt = Date.now()
  await machine.start()
  return { detail: machine.name, endedAt }
}

const killEverything = async ({ site }: Injection): Promise<Injected> => {
  site.home.killAll()
  const endedAt = Date.now()
  await site.home.start()
  return { detail: site.home.name, endedAt }
}

const killRedis = async ({ site, random, scale }: Injection): Promise<Injected> => {
  if (!site.redis) throw new Error('there is no Redis')
  await site.redis.kill()
  await sleep(random.between(1000, 8000) * scale)
  await site.redis.start()
  return { detail: site.redis.url, endedAt: Date.now() }
}

export const processFaults: readonly Fault[] = [
  { name: 'child', about: 'kill -9 of a training child', hits: 'jobs', inject: (injection) => killOne('child', injection) },
  {
    name: 'trainer',
    about: 'kill -9 of a process that has trainers open',
    hits: 'trainers',
    inject: (injection) => killOne('trainer', injection),
  },
  { name: 'worker', about: 'kill -9 of a worker', inject: (injection) => killOne('worker', injection) },
  { name: 'api', about: 'kill -9 of an API process', inject: (injection) => killOne('api', injection) },
  { name: 'supervisor', about: 'kill -9 of a supervisor, whose tree ends itself; started again', inject: killSupervisor },
  { name: 'everything', about: 'kill -9 of a whole machine, its PostgreSQL too; started again', inject: killEverything },
  { name: 'stopped', about: 'a worker stopped for 10 s (SIGSTOP, SIGCONT)', inject: stopWorker },
  { name: 'redis', about: 'kill -9 of Redis, back empty 1 to 8 s later', needs: 'redis', inject: killRedis },
]
