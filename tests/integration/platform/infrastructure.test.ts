import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { loadConfig } from '../../../src/config.ts'
import { channels, queues } from '../../../src/contracts/queue.ts'
import { type Infrastructure, openInfrastructure } from '../../../src/platform/infrastructure.ts'
import { createLog } from '../../../src/platform/log.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'
import { openProxy } from '../../support/tcp-proxy.ts'

const log = createLog({ level: 'silent', name: 'test' })

describe('what every role runs on', () => {
  let testDatabase: TestDatabase
  before(async () => {
    testDatabase = await createTestDatabase({ empty: true })
  })
  after(() => testDatabase?.close())

  const open = (url: string): Promise<Infrastructure> => openInfrastructure(loadConfig({ DATABASE_URL: url }), log)

  it('what every role runs on is made out of an empty database, by any number of roles at the same time', async () => {
    const roles = await Promise.all([open(testDatabase.url), open(testDatabase.url)])
    for (const { database, wakeUps } of roles) {
      assert.equal(await database.prisma.job.count(), 0)
      assert.equal(await wakeUps.waiting(queues.training), 0)
    }
    await Promise.all(roles.map((role) => role.close()))
  })

  it('carries a row, its notification and its wake-up from one role to another', async () => {
    const [api, worker] = await Promise.all([open(testDatabase.url), open(testDatabase.url)])
    const watch = worker.notifications.watch(channels.inference, 'call_1')
    const heard = new Promise<string>((resolve) => worker.wakeUps.listen(queues.training, { concurrency: 1 }, async (id) => resolve(id)))
    await api.database.transaction(async (tx) => {
      await tx.inferenceRequest.create({ data: { id: 'call_1', kind: 'evaluate', request: {} } })
      await api.database.notify(tx, channels.inference, 'call_1')
    })
    await api.wakeUps.notify(queues.training, 'call_1')
    assert.equal(await watch.next({ timeoutMs: 20_000 }), true)
    assert.equal(await heard, 'call_1')
    assert.equal((await worker.database.prisma.inferenceRequest.findUnique({ where: { id: 'call_1' } }))?.kind, 'evaluate')
    await Promise.all([api.close(), worker.close()])
  })

  it('what every role runs on works again after an outage of the database', async () => {
    const proxy = await openProxy(testDatabase.url)
    const role = await open(proxy.url)
    const watch = role.notifications.watch(channels.job, 'job_1')
    while (!role.notifications.isConnected()) await watch.next({ timeoutMs: 1000 })
    const heard: string[] = []
    role.wakeUps.listen(queues.training, { concurrency: 1 }, async (id) => void heard.push(id))

    proxy.cut()
    await assert.rejects(role.database.prisma.job.count())
    assert.equal(await role.wakeUps.notify(queues.training, 'lost'), false)
    proxy.restore()

    while (!(await role.wakeUps.notify(queues.training, 'job_1'))) await watch.next({ timeoutMs: 20 })
    while (!heard.includes('job_1')) await watch.next({ timeoutMs: 20 })
    assert.equal(await role.database.prisma.job.count(), 0)
    while (!role.notifications.isConnected()) await watch.next({ timeoutMs: 20 })
    const marker = role.notifications.watch(channels.job, 'job_2')
    await role.database.notify(role.database.prisma, channels.job, 'job_2')
    assert.equal(await marker.next({ timeoutMs: 20_000 }), true)
    await role.close()
    await proxy.close()
  })

  it('what every role runs on waits for a database that is still starting', async () => {
    const proxy = await openProxy(testDatabase.url)
    proxy.cut()
    const opening = open(proxy.url)
    await once(proxy.refused, 'refused')
    proxy.restore()
    const role = await opening
    assert.equal(await role.database.prisma.job.count(), 0)
    await role.close()
    await proxy.close()
  })

  it('what every role runs on does not wait where waiting cannot help', async () => {
    const wrong = new URL(testDatabase.url)
    wrong.password = 'wrong'
    await assert.rejects(open(wrong.href), /DATABASE_URL does not answer: password authentication failed/)
  })

  it('what every role runs on comes with a PostgreSQL of its own where none is given, shared on one folder', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'trainyard-infrastructure-'))
    const config = loadConfig({ DATA_DIR: join(dataDir, 'data') })
    const [api, worker] = await Promise.all([openInfrastructure(config, log), openInfrastructure(config, log)])
    assert.equal(api.databaseUrl, worker.databaseUrl)
    await api.close()
    assert.equal(await worker.database.prisma.dataset.count(), 0)
    await worker.close()
    await assert.rejects(openInfrastructure({ ...config, databaseUrl: api.databaseUrl }, log, { timeoutMs: 0 }), /does not answer/)
    rmSync(dataDir, { recursive: true })
  })
})
