import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import pg from 'pg'
import { findPostgres } from '../../../src/platform/postgres/binaries.ts'
import { createCluster, findCluster } from '../../../src/platform/postgres/cluster.ts'
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../../src/platform/postgres/embedded-postgres.ts'
import { canUse, findServerUser } from '../../../src/platform/postgres/server-user.ts'
import { entryOf, readingEntries } from '../../support/entry.ts'

const root = resolve(import.meta.dirname, '../../..')
const isRoot = process.geteuid?.() === 0

const opened: EmbeddedPostgres[] = []
const processes: ChildProcess[] = []
const folders: string[] = []

/** A new folder; `mode` 0o755 lets the server's user in where root runs this. */
const newFolder = (mode = 0o755): string => {
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-embedded-'))
  chmodSync(folder, mode)
  folders.push(folder)
  return folder
}

const open = async (dataDir: string): Promise<EmbeddedPostgres> => {
  const postgres = await openEmbeddedPostgres({ dataDir, settings: ['fsync=off'] })
  opened.push(postgres)
  return postgres
}

const close = async (postgres: EmbeddedPostgres): Promise<void> => {
  opened.splice(opened.indexOf(postgres), 1)
  await postgres.close()
}

/** Another process that uses the server, up once its URL is known. */
const hold = async (dataDir: string, options: { uid?: number; gid?: number } = {}): Promise<{ child: ChildProcess; url: string }> => {
  const child = spawn(process.execPath, [...readingEntries, entryOf('tests/fixtures/platform/hold-postgres.ts'), dataDir], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, TMPDIR: tmpdir() },
    ...options,
  })
  processes.push(child)
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the process ended with ${code}`)))
  const [url] = await Promise.race([once(child.stdout, 'data'), ended])
  return { child, url: String(url).trim() }
}

const release = async (child: ChildProcess): Promise<void> => {
  child.stdin?.end()
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

const kill = async (child: ChildProcess): Promise<void> => {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

const query = async (url: string, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** Pid of the server over a DATA_DIR, from PostgreSQL's own file. */
const serverPid = (dataDir: string): number => {
  const cluster = findCluster(dataDir)
  assert.ok(cluster)
  return Number(readFileSync(join(cluster.data, 'postmaster.pid'), 'utf8').split('\n')[0])
}

/** False for a dead process that nobody collected yet, too. */
const isAlive = (pid: number): boolean => /^[^Z]/.test(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout)

afterEach(async () => {
  for (const child of processes.splice(0)) await release(child)
  for (const postgres of opened.splice(0)) await postgres.close()
  for (const folder of folders.splice(0)) {
    const cluster = findCluster(folder)
    for (const path of [cluster?.folder, folder]) if (path) rmSync(path, { recursive: true, force: true })
  }
})

describe('the embedded PostgreSQL', () => {
  it('the embedded PostgreSQL makes its cluster in an empty folder, and finds all its data again', async () => {
    const dataDir = newFolder()
    const first = await open(join(dataDir, 'nested'))
    await query(first.url, `create table kept as select 42 as answer`)
    await close(first)
    const second = await open(join(dataDir, 'nested'))
    assert.deepEqual(await query(second.url, 'select answer from kept'), [{ answer: 42 }])
    await close(second)
  })

  it('listens on a loopback address only, asks for a password and never runs as root', async () => {
    const { url } = await open(newFolder())
    assert.deepEqual(await query(url, 'show listen_addresses'), [{ listen_addresses: '127.0.0.1' }])
    await assert.rejects(query(url.replace(/:[^:@]+@/, ':wrong@'), 'select 1'), /password authentication failed/)
    const dataDir = folders[0] ?? ''
    const cluster = findCluster(dataDir)
    assert.ok(cluster)
    if (isRoot) assert.notEqual(statSync(cluster.data).uid, 0)
    assert.equal(statSync(join(cluster.folder, 'password')).mode & 0o077, 0)
  })

  it('the embedded PostgreSQL is shared by all processes on one folder, and stops with the last of them', async () => {
    const dataDir = newFolder()
    const [one, two] = await Promise.all([hold(dataDir), hold(dataDir)])
    const here = await open(dataDir)
    assert.deepEqual([one.url, two.url], [here.url, here.url])
    const pid = serverPid(dataDir)
    await release(one.child)
    await close(here)
    assert.ok(isAlive(pid))
    await query(two.url, 'select 1')
    await release(two.child)
    assert.ok(!isAlive(pid))
  })

  it('the embedded PostgreSQL survives kill -9 of everything with all that was committed', async () => {
    const dataDir = newFolder()
    const { child, url } = await hold(dataDir)
    await query(url, 'create table kept as select generate_series(1, 1000) as id')
    const pid = serverPid(dataDir)
    process.kill(pid, 'SIGKILL')
    await kill(child)
    const again = await open(dataDir)
    assert.deepEqual(await query(again.url, 'select count(*)::int as rows from kept'), [{ rows: 1000 }])
    assert.notEqual(serverPid(dataDir), pid)
  })

  it('the embedded PostgreSQL outlives its users when they are killed, and is adopted by the next one', async () => {
    const dataDir = newFolder()
    const { child, url } = await hold(dataDir)
    const pid = serverPid(dataDir)
    await kill(child)
    assert.ok(isAlive(pid))
    const adopted = await open(dataDir)
    assert.equal(adopted.url, url)
    assert.equal(serverPid(dataDir), pid)
    await close(adopted)
    assert.ok(!isAlive(pid), 'who adopts it also stops it')
  })

  it('the embedded PostgreSQL comes back at the same address when it dies under its users', async () => {
    const dataDir = newFolder()
    const { url } = await open(dataDir)
    const pid = serverPid(dataDir)
    process.kill(pid, 'SIGKILL')
    for (;;) {
      const rows = await query(url, 'select 1 as one').catch(() => [])
      if (rows.length > 0) break
      await new Promise((done) => setTimeout(done, 20))
    }
    assert.notEqual(serverPid(dataDir), pid)
  })

  it('the embedded PostgreSQL is not fooled by a pid file whose pid belongs to somebody else now', async () => {
    const dataDir = newFolder()
    await close(await open(dataDir))
    const cluster = findCluster(dataDir)
    assert.ok(cluster)
    writeFileSync(join(cluster.data, 'postmaster.pid'), `${process.pid}\n${cluster.data}\n0\n5432\n\n127.0.0.1\n\nready   \n`)
    const { url } = await open(dataDir)
    assert.deepEqual(await query(url, 'select 1 as one'), [{ one: 1 }])
  })

  it('the embedded PostgreSQL opens a cluster with the PostgreSQL that made it', async (context) => {
    const user = findServerUser()
    const newest = await findPostgres(user)
    const installed = await findPostgres(user, 15).catch(() => undefined)
    if (!installed || installed.major === newest.major) return context.skip('no second version of PostgreSQL on this machine')
    const dataDir = newFolder()
    await createCluster(dataDir, user, installed)
    const { url } = await open(dataDir)
    assert.match(String((await query(url, 'show server_version'))[0]?.server_version), /^15\./)
  })

  it('the embedded PostgreSQL says which version is missing where no PostgreSQL opens a cluster', async () => {
    const dataDir = newFolder()
    await close(await open(dataDir))
    const cluster = findCluster(dataDir)
    assert.ok(cluster)
    writeFileSync(join(cluster.data, 'PG_VERSION'), '9\n')
    await assert.rejects(open(dataDir), /written by PostgreSQL 9, .*install PostgreSQL 9/)
  })

  it('the embedded PostgreSQL refuses a folder of that name that is no cluster, and leaves nothing beside it', async () => {
    const dataDir = newFolder()
    writeFileSync(join(dataDir, 'postgres'), 'mine')
    await assert.rejects(open(dataDir), /in the way/)
    assert.deepEqual(readdirSync(dataDir), ['postgres'])
  })
})

describe('the embedded PostgreSQL started by root', { skip: !isRoot && 'not root' }, () => {
  it('the embedded PostgreSQL started by root lies elsewhere where its user may not enter the folder, and the folder says where', async () => {
    const dataDir = newFolder(0o700)
    const { url } = await open(dataDir)
    await query(url, 'create table kept as select 1 as one')
    const { folder } = JSON.parse(readFileSync(join(dataDir, 'postgres.json'), 'utf8'))
    assert.ok(isAbsolute(folder) && !folder.startsWith(dataDir))
    assert.ok(existsSync(join(folder, 'data/PG_VERSION')))
    assert.equal(statSync(folder).mode & 0o077, 0)
    for (const postgres of opened.splice(0)) await postgres.close()
    const again = await open(dataDir)
    assert.deepEqual(await query(again.url, 'select one from kept'), [{ one: 1 }])
  })

  it('the embedded PostgreSQL started by root works the same for a user without privileges', async (context) => {
    const nobody = findServerUser()
    assert.ok(nobody)
    const readable = spawnSync(
      '/bin/sh',
      ['-c', 'test -r "$1" && test -x "$2"', 'sh', join(root, 'package.json'), process.execPath],
      nobody,
    )
    if (readable.status !== 0) return context.skip('this checkout is for root only')
    const dataDir = newFolder(0o777)
    assert.ok(await canUse(nobody, dataDir))
    const { child, url } = await hold(join(dataDir, 'own'), nobody)
    assert.deepEqual(await query(url, 'select 1 as one'), [{ one: 1 }])
    assert.equal(statSync(join(dataDir, 'own/postgres/data')).uid, nobody.uid)
    await release(child)
    rmSync(join(dataDir, 'own'), { recursive: true })
  })
})
