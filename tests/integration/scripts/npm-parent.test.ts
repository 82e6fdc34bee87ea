/** Commands under the real npm, which passes on few signals: what it started ends with it, in order, and nothing else does. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'

const root = resolve(import.meta.dirname, '../../..')

/** Stands for every role: says so when it ends in order, and ends by itself once it has outlived its parent for four looks. */
const role = `
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => { console.log('ended in order'); process.exit() })
const parent = process.ppid
let looks = 0
console.log('started')
setInterval(() => {
  if (process.ppid === parent) return
  looks += 1
  if (looks < 4) return
  console.log('outlived its parent')
  process.exit()
}, 500)
`

describe('a command', { timeout: 300_000 }, () => {
  let clone: string
  before(async () => {
    clone = mkdtempSync(join(tmpdir(), 'trainyard-npm-'))
    for (const path of ['scripts', 'package.json', 'package-lock.json', 'tsconfig.json'])
      cpSync(join(root, path), join(clone, path), { recursive: true })
    for (const folder of ['src/generated/prisma', 'dist/src', 'dist/workers']) mkdirSync(join(clone, folder), { recursive: true })
    writeFileSync(join(clone, 'src/generated/prisma/client.ts'), '')
    symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'))
    for (const path of ['src/start.js', 'src/server.js', 'workers/worker.js']) writeFileSync(join(clone, 'dist', path), role)
    const { markBuilt, takeFingerprint } = await import(join(clone, 'scripts/support/build-state.mjs'))
    markBuilt(takeFingerprint())
  })
  after(() => rmSync(clone, { recursive: true }))

  /** Starts a command; gives all that it says once everybody who may say something has ended. */
  const start = async (command: string, args: string[]) => {
    const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'))
    const child = spawn(command, args, { cwd: clone, env: Object.fromEntries(environment), stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.setEncoding('utf8')
    const closed = once(child.stdout, 'close')
    await new Promise<void>((done) => {
      child.stdout.on('data', (chunk: string) => {
        text += chunk
        if (text.includes('started')) done()
      })
    })
    return { child, said: () => closed.then(() => text) }
  }

  for (const [script, signal] of [
    ['start', 'SIGTERM'],
    // A shell between npm and the command would keep this one to itself.
    ['start', 'SIGINT'],
    ['start', 'SIGKILL'],
    ['start:worker', 'SIGTERM'],
  ] as const)
    it(`npm run ${script} ends in order when npm is ended by ${signal}`, async () => {
      const { child, said } = await start('npm', ['run', '--silent', script])
      child.kill(signal)
      assert.match(await said(), /ended in order/)
    })

  it('npm start ends in order when the terminal hangs up on npm', async () => {
    const { child, said } = await start('npm', ['run', '--silent', 'start'])
    child.kill('SIGHUP')
    assert.match(await said(), /ended in order/)
  })

  it('a service that was started without npm and sent to the background outlives its parent', async () => {
    const { child, said } = await start('sh', ['-c', 'node scripts/launch.mjs start & wait'])
    child.kill('SIGKILL')
    assert.match(await said(), /outlived its parent/)
  })

  it('a service that a script under npm sends to the background outlives that script', async () => {
    writeFileSync(join(clone, 'daemon.sh'), 'echo $$ > daemon.pid\nnode scripts/launch.mjs start &\nwait\n')
    const { said } = await start('npm', ['exec', '--silent', '-c', 'sh daemon.sh'])
    process.kill(Number(readFileSync(join(clone, 'daemon.pid'), 'utf8')), 'SIGKILL')
    assert.match(await said(), /outlived its parent/)
  })
})
