/** How often the whole service is looked at. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { ServiceStats } from '../../../../src/features/service-stats/service-stats.repository.ts'
import { createServiceStatsService } from '../../../../src/features/service-stats/service-stats.service.ts'

const nothing: ServiceStats = {
  jobs: [],
  oldestQueuedSeconds: 0,
  leases: { alive: 0, expired: 0 },
  predictions: { pending: { queued: 0, running: 0 }, ended: { succeeded: 0, failed: 0, cancelled: 0 } },
  inferenceWaiting: 0,
}

/** A service over a database that answers when told to, and its clock in milliseconds. */
const open = () => {
  const asked: { resolve: (serviceStats: ServiceStats) => void; reject: (reason: Error) => void }[] = []
  const clock = { ms: 0 }
  const count = (): Promise<ServiceStats> => new Promise((resolve, reject) => void asked.push({ resolve, reject }))
  return { asked, clock, ...createServiceStatsService({ serviceStats: { count }, now: () => clock.ms }) }
}

it('the reading of the service’s state is once a second, however many ask', async () => {
  const { asked, clock, read } = open()
  const readings = [read(), read()]
  asked[0]?.resolve(nothing)
  await Promise.all(readings)
  await turn()
  clock.ms = 999
  void read()
  assert.equal(asked.length, 1)
  clock.ms = 1000
  void read()
  assert.equal(asked.length, 2)
})

it('the reading of the service’s state is one at a time, and again after a failure', async () => {
  const { asked, clock, read } = open()
  const hanging = read()
  clock.ms = 60_000
  void read().catch(() => {})
  assert.equal(asked.length, 1)
  asked[0]?.reject(new Error('the connection broke'))
  await assert.rejects(hanging)
  await turn()
  void read()
  assert.equal(asked.length, 2)
})
