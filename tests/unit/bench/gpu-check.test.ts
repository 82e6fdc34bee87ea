import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { describe, it } from 'node:test'
import { agree, distances } from '../../../bench/gpu/compare-numbers.ts'
import { verdict } from '../../../bench/gpu/report.ts'

const root = path.resolve(import.meta.dirname, '../../..').replace(/\/dist$/, '')

const gpuCheck = (...args: string[]) =>
  spawnSync(process.execPath, [path.join(root, 'scripts/gpu-check.mjs'), ...args], {
    encoding: 'utf8',
    // A device that is there is hidden, and no PyTorch is found.
    env: { ...process.env, CUDA_VISIBLE_DEVICES: '-1', BENCH_PYTHON: '/nonexistent' },
  })

describe('the check of a GPU', () => {
  it('says that there is none and ends with 2', () => {
    const { status, stdout } = gpuCheck()
    assert.equal(status, 2, stdout)
    assert.match(stdout, /No job can train on a GPU here: /)
  })

  it('trains, compares with the other backend and with PyTorch, times, and gives a verdict', () => {
    const { status, stdout, stderr } = gpuCheck('--backend', 'wasm', '--beside', 'cpu', '--only', 'notebook,conv3d', '--rounds', '2')
    assert.equal(status, 0, stdout + stderr)
    assert.match(stdout, /\| conv3d \| \d\.\de[-+]\d \/ .*\| right \|/)
    assert.match(stdout, /RIGHT: all 2 jobs have the same numbers on wasm and cpu\./)
  })

  it('measures a distance by the largest value of each tensor, and takes what is missing for wrong', () => {
    const expected = new Map([
      ['1/loss/', [2]],
      ['1/weight/layers.0.weight', [10, 1]],
    ])
    const near = new Map([
      ['1/loss/', [2.0001]],
      ['1/weight/layers.0.weight', [10, 1.0005]],
    ])
    assert.ok(agree(distances(near, expected), 'short'))
    assert.ok(!agree(distances(new Map([['1/loss/', [2]]]), expected), 'long'))
  })

  it('names the jobs whose numbers are wrong', () => {
    const outcome = { name: 'mlp', apart: { loss: 1, gradient: 0, weight: 0 }, fromReference: null, repeats: true, times: null }
    assert.match(verdict([outcome], { tested: 'GPU', beside: 'CPU' }), /^WRONG: 1 of 1 jobs .*: mlp\.$/)
  })
})
