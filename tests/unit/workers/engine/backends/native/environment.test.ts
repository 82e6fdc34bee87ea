import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { cudaDevices, sharedCores } from '../../../../../../workers/engine/backends/native/environment.ts'

describe('the CUDA devices of a worker', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'trainyard-devices-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('the CUDA devices of a worker are those that CUDA_VISIBLE_DEVICES names, however they are spelled', () => {
    assert.deepEqual(cudaDevices({ CUDA_VISIBLE_DEVICES: '2, 5' }, folder), ['2', '5'])
    assert.deepEqual(cudaDevices({ CUDA_VISIBLE_DEVICES: 'GPU-8932f937' }, folder), ['GPU-8932f937'])
  })

  it('else are those that the driver made files for, and one where it made none', () => {
    assert.deepEqual(cudaDevices({}, path.join(folder, 'none')), ['0'])
    for (const name of ['nvidia0', 'nvidia1', 'nvidiactl', 'nvidia-uvm']) writeFileSync(path.join(folder, name), '')
    assert.deepEqual(cudaDevices({}, folder), ['0', '1'])
  })
})

it('graphs run on the calling thread only where every core has a training process of its own', () => {
  assert.deepEqual(sharedCores(2, 2), { TF_NUM_INTEROP_THREADS: '-1' })
  assert.deepEqual(sharedCores(1, 2), {})
})
