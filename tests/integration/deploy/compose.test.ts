/** docker-compose.yml says what the README promises, and docker-compose itself reads it. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'

type Service = {
  image?: string
  build?: { target: string }
  environment?: Record<string, string>
  profiles?: string[]
  ports?: string[]
  healthcheck?: { test: string[] }
  deploy?: { resources: { reservations: { devices: { driver: string; capabilities: string[] }[] } } }
}
type Compose = { name?: string; services: Record<string, Service> }

const root = resolve(import.meta.dirname, '../../..')
const read = (file: string) => readFile(resolve(root, file), 'utf8')
const compose = parse(await read('docker-compose.yml'), { merge: true }) as Compose
const secrets = { POSTGRES_PASSWORD: 'a1', REDIS_PASSWORD: 'b2', API_KEYS: 'alice:c3' }

type Ended = { missing: boolean; code: number; out: string; err: string }

/** `docker-compose config` with this environment; `missing` where there is no docker-compose. */
const config = (env: Record<string, string>, ...profile: string[]) =>
  new Promise<Ended>((done) => {
    execFile(
      'docker-compose',
      [...profile, 'config'],
      { cwd: root, env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env } },
      (error, out, err) => done({ missing: error?.code === 'ENOENT', code: error ? 1 : 0, out, err }),
    )
  })

test('PostgreSQL, Redis, the API and a worker start by default, and a GPU worker by its profile', () => {
  const { services } = compose
  assert.deepEqual(Object.keys(services).sort(), ['api', 'postgres', 'redis', 'worker', 'worker-gpu'])
  assert.deepEqual(services['worker-gpu']?.profiles, ['gpu'])
  for (const name of ['api', 'postgres', 'redis', 'worker']) assert.equal(services[name]?.profiles, undefined, name)
  for (const name of ['api', 'postgres', 'redis']) assert.ok(services[name]?.healthcheck, `${name} has a health check`)
  const device = services['worker-gpu']?.deploy?.resources.reservations.devices[0]
  assert.equal(device?.driver, 'nvidia')
  assert.deepEqual(device?.capabilities, ['gpu'])
})

test('workers of either kind get the memory that a job may take, where it is set', () => {
  for (const name of ['worker', 'worker-gpu'])
    assert.equal(compose.services[name]?.environment?.JOB_MEMORY_MIB, `\${JOB_MEMORY_MIB:-}`, name)
})

test('the file has no top-level name, which older readers refuse', () => assert.equal(compose.name, undefined))

test('no secret has a default, and nothing but the API is published, on loopback alone', () => {
  for (const [service, name] of [
    ['postgres', 'POSTGRES_PASSWORD'],
    ['redis', 'REDIS_PASSWORD'],
    ['api', 'API_KEYS'],
  ] as const)
    assert.equal(compose.services[service]?.environment?.[name], `\${${name}:-}`)
  const published = Object.entries(compose.services).filter(([, service]) => service.ports)
  assert.deepEqual(
    published.map(([name, service]) => [name, service.ports?.every((port) => port.startsWith('127.0.0.1:'))]),
    [['api', true]],
  )
})

test('each image that is built is a target of the Dockerfile and runs as an unprivileged user', async () => {
  const stages = (await read('Dockerfile')).split(/^FROM /m).slice(1)
  for (const { build } of Object.values(compose.services)) {
    if (!build) continue
    const stage = stages.find((text) => text.split('\n')[0]?.endsWith(` AS ${build.target}`))
    assert.ok(stage, `there is a stage ${build.target}`)
    assert.match(stage, /^USER node$/m)
  }
})

test('docker-compose reads the file, with and without the GPU profile', async (t) => {
  const plain = await config(secrets)
  if (plain.missing) return t.diagnostic('docker-compose is not on PATH: only the structure of the file was checked')
  assert.equal(plain.code, 0, plain.err)
  assert.match(plain.out, /postgres:\/\/trainyard:a1@postgres:5432\/trainyard/)
  assert.match(plain.out, /redis:\/\/:b2@redis:6379/)
  const gpu = await config(secrets, '--profile', 'gpu')
  assert.equal(gpu.code, 0, gpu.err)
  assert.match(gpu.out, /driver: nvidia/)
  const bare = await config({})
  assert.equal(bare.code, 0, bare.err)
})
