/** What `npm run tensorflow:install` says and exits with, before it would install anything. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'

const scripts = path.resolve(import.meta.dirname, '..', '..', '..', 'scripts')
const script = path.join(scripts, 'tensorflow-install.mjs')
const device = await import(path.join(scripts, 'tensorflow', 'device.mjs'))
const hasDevice = device.hasDevice as (options?: { devices: string }) => Promise<boolean>

const install = (...options: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...options], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

describe('npm run tensorflow:install', () => {
  it('explains its options, and again where one is unknown', () => {
    const asked = install('--help')
    assert.equal(asked.status, 0)
    for (const option of ['--gpu', '--without-device', '--check', '--find-links']) assert.ok(asked.stdout.includes(option), option)
    const unknown = install('--chek')
    assert.equal(unknown.status, 1)
    assert.match(unknown.stderr, /Unknown option '--chek'[\s\S]*--check/)
  })

  it('npm run tensorflow:install takes --no-index only with a folder of wheels', () => {
    const { status, stderr } = install('--no-index')
    assert.equal(status, 1)
    assert.match(stderr, /--find-links DIR/)
  })

  it('npm run tensorflow:install checks without installing: proof and 0, or why not and 1', () => {
    const { status, stdout, stderr } = install('--check')
    if (status === 0)
      assert.match(stdout, /TensorFlow \d+\.\d+\.\d+ on Node .*, device: (cpu|gpu)[\s\S]*one trained step: loss [\d.]+ -> [\d.]+/)
    else assert.match(stderr, /does not load: .+/)
    assert.doesNotMatch(stdout + stderr, /installing|downloading/)
  })
})

describe('a GPU', () => {
  let devices: string
  before(() => {
    devices = mkdtempSync(path.join(os.tmpdir(), 'trainyard-devices-'))
  })
  after(() => rmSync(devices, { recursive: true, force: true }))

  it('a GPU is seen by the file that its driver makes', async () => {
    mkdirSync(path.join(devices, 'dri'))
    writeFileSync(path.join(devices, 'nvidiactl'), '')
    const others = await hasDevice({ devices: path.join(devices, 'none') })
    assert.equal(await hasDevice({ devices }), others)
    writeFileSync(path.join(devices, 'nvidia0'), '')
    assert.equal(await hasDevice({ devices }), true)
  })

  it('a GPU that is asked for and not there leaves TensorFlow on the CPU, and is said to be missing', async (t) => {
    if (await hasDevice()) return t.skip('this machine has a GPU')
    const { stdout, stderr } = install('--gpu', '--check')
    assert.match(stdout, /no GPU is used: /)
    assert.match(stdout + stderr, /device: cpu|does not load/)
  })
})
