import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { createDecoder } from '../../../src/validation/decode.ts'

test('a stored value may hold a named schema in two places', () => {
  const Named = Type.Integer({ $id: 'Named' })
  const decode = createDecoder<{ a: number; b: number }>('the pair', Type.Object({ a: Named, b: Named }))
  assert.deepEqual(decode({ a: 1, b: 2 }), { a: 1, b: 2 })
  assert.throws(() => decode({ a: 1, b: 0.5 }), /the pair cannot be read: \/b must be integer/)
})
