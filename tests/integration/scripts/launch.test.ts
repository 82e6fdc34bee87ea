/** What the commands say on a clone that misses something: the one command that fixes it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'

const root = resolve(import.meta.dirname, '../../..')

describe('a command on a clone', () => {
  let clone: string
  before(() => {
    clone = mkdtempSync(join(tmpdir(), 'trainyard-clone-'))
    for (const path of ['scripts', 'package.json', 'package-lock.json', 'tsconfig.json'])
      cpSync(join(root, path), join(clone, path), { recursive: true })
    mkdirSync(join(clone, 'src/generated/prisma'), { recursive: true })
    writeFileSync(join(clone, 'src/generated/prisma/client.ts'), '')
    writeFileSync(join(clone, 'src/start.ts'), `console.log('started')\n`)
  })
  after(() => rmSync(clone, { recursive: true }))

  const run = (script: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(clone, 'scripts', script), ...args], { encoding: 'utf8' })
    return { status, stdout, said: stderr }
  }

  it('a command on a clone without packages says how to install them', () => {
    for (const { status, said } of [run('launch.mjs', 'start'), run('build.mjs')]) {
      assert.equal(status, 1)
      assert.match(said, /`npm ci`/)
    }
  })

  it('a command on a clone with an installation that was cut short says so too', () => {
    mkdirSync(join(clone, 'node_modules/fastify'), { recursive: true })
    const { status, said } = run('launch.mjs', 'start')
    assert.equal(status, 1)
    assert.match(said, /`npm ci`/)
    rmSync(join(clone, 'node_modules'), { recursive: true })
  })

  it('a command on a clone without a build says how to build', () => {
    symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'))
    const { status, said } = run('launch.mjs', 'start')
    assert.equal(status, 1)
    assert.match(said, /`npm run build`/)
  })

  it('a command on a clone runs what was built, until a source changes', async () => {
    mkdirSync(join(clone, 'dist/src'), { recursive: true })
    writeFileSync(join(clone, 'dist/src/start.js'), `console.log('started')\n`)
    const { markBuilt, takeFingerprint } = await import(join(clone, 'scripts/support/build-state.mjs'))
    markBuilt(takeFingerprint())
    assert.deepEqual(run('launch.mjs', 'start'), { status: 0, stdout: 'started\n', said: '' })
    assert.match(run('build.mjs').said, /up to date/)

    writeFileSync(join(clone, 'src/start.ts'), `console.log('changed')\n`)
    const { status, said } = run('launch.mjs', 'start')
    assert.equal(status, 1)
    assert.match(said, /`npm run build`/)
  })

  it('a command on a clone says what there is to launch', () => {
    const { status, said } = run('launch.mjs', 'everything')
    assert.equal(status, 1)
    assert.match(said, /start\|server\|worker/)
  })
})
