import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { normalQuantile } from '../../../src/numerics/normal-quantile.ts'
import { createStream } from '../../../src/numerics/random.ts'
import { threefry2x32 } from '../../../src/numerics/threefry.ts'

const encrypt = (k0: number, k1: number, x0: number, x1: number): string => {
  const out = new Uint32Array(2)
  threefry2x32(k0, k1, x0, x1, out)
  return [...out].map((word) => word.toString(16).padStart(8, '0')).join(' ')
}

const moments = (values: Float64Array) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
  return { mean, std }
}

describe('threefry2x32', () => {
  it("threefry2x32 gives Random123's known answers", () => {
    assert.equal(encrypt(0, 0, 0, 0), '6b200159 99ba4efe')
    assert.equal(encrypt(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff), '1cb996fc bb002be7')
    assert.equal(encrypt(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3), 'c4923a9c 483df7a0')
  })
})

describe('normalQuantile', () => {
  it('inverts the normal distribution function', () => {
    for (const [probability, z] of [
      [0.5, 0],
      [0.975, 1.959963984540054],
      [0.025, -1.959963984540054],
      [1e-10, -6.361340902404056],
      [1e-300, -37.0470962993612],
    ] as const) {
      assert.ok(
        Math.abs(normalQuantile(probability) - z) < 1e-12 * Math.max(1, Math.abs(z)),
        `${probability}: ${normalQuantile(probability)}`,
      )
    }
    assert.equal(normalQuantile(0), -Infinity)
    assert.equal(normalQuantile(1), Infinity)
  })
})

describe('a random stream', () => {
  const stream = createStream({ seed: 42, purpose: 'data' })

  it('addresses every value by its position', () => {
    for (const draw of [stream.uniforms, stream.normals]) {
      const all = draw(101)
      for (const [count, from] of [
        [10, 0],
        [11, 3],
        [1, 100],
        [50, 50],
      ] as const) {
        assert.deepEqual(draw(count, from), all.slice(from, from + count))
      }
    }
  })

  it('a random stream differs by seed, purpose and index, and by the halves of a large seed', () => {
    const addresses = [
      { seed: 42, purpose: 'data' },
      { seed: 43, purpose: 'data' },
      { seed: 42 + 2 ** 32, purpose: 'data' },
      { seed: 42, purpose: 'init' },
      { seed: 42, purpose: 'data', index: 1 },
      { seed: 42, purpose: 'data', index: [1, 0] },
      { seed: 42, purpose: 'data', index: [0, 1] },
    ] as const
    const firsts = addresses.map((address) => createStream(address).uniforms(4).join())
    assert.equal(new Set(firsts).size, addresses.length)
    assert.deepEqual(createStream(addresses[0]).uniforms(4), createStream(addresses[0]).uniforms(4))
  })

  it('a random stream draws uniforms in [0, 1) and normals with the moments of their distributions', () => {
    const uniforms = stream.uniforms(200_000)
    assert.ok(uniforms.every((value) => value >= 0 && value < 1))
    const uniform = moments(uniforms)
    assert.ok(Math.abs(uniform.mean - 0.5) < 0.003 && Math.abs(uniform.std - Math.sqrt(1 / 12)) < 0.002)
    const normal = moments(stream.normals(200_000))
    assert.ok(Math.abs(normal.mean) < 0.01 && Math.abs(normal.std - 1) < 0.01)
  })

  it('permutes every position once, each as often first', () => {
    assert.deepEqual(
      [...stream.permutation(1000)].sort((a, b) => a - b),
      Array.from({ length: 1000 }, (_, position) => position),
    )
    const firsts = [0, 0, 0, 0]
    for (let index = 0; index < 4000; index += 1) {
      const first = createStream({ seed: 7, purpose: 'shuffle', index }).permutation(4)[0] ?? 0
      firsts[first] = (firsts[first] ?? 0) + 1
    }
    assert.ok(
      firsts.every((count) => Math.abs(count - 1000) < 130),
      firsts.join(),
    )
    assert.deepEqual(stream.permutation(0), new Int32Array(0))
  })
})
