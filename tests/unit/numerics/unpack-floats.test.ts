import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unpackFloats } from '../../../src/numerics/unpack-floats.ts'

test('packed floats are read at any alignment', () => {
  const bytes = new Uint8Array(9)
  bytes.set(new Uint8Array(Float32Array.of(1.5, -2).buffer), 1)
  assert.deepEqual([...unpackFloats(bytes.subarray(1))], [1.5, -2])
})
