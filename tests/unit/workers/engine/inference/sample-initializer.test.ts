import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { defaultsOf } from '../../../../../src/catalog/definition.ts'
import { gainOf, gains, type Nonlinearity } from '../../../../../src/catalog/gains.ts'
import { initializerCatalog } from '../../../../../src/catalog/initializers.ts'
import { Problem } from '../../../../../src/contracts/error-codes.ts'
import { sampleInitializer } from '../../../../../workers/engine/inference/sample-initializer.ts'

type Case = {
  initializer: keyof typeof initializerCatalog
  torchShape: number[]
  gain?: number
  mode?: string
  nonlinearity?: string
  bound?: number
  std?: number
}
const reference = JSON.parse(readFileSync(new URL('../../../../fixtures/reference/initializers.json', import.meta.url), 'utf8')) as {
  gains: Record<string, number>
  cases: Case[]
}

type Moments = { options: { mean: number; std: number; a: number; b: number }; mean: number; std: number }
const cornerCases = JSON.parse(readFileSync(new URL('../../../../fixtures/torch/initial-and-batch.json', import.meta.url), 'utf8')) as {
  truncatedNormal: Moments[]
}

/** `leakyRelu(0.2)` → leakyRelu and 0.2 */
const parse = (text: string): { nonlinearity: Nonlinearity; slope?: number } => {
  const [name = '', slope] = text.replace(')', '').split('(')
  return { nonlinearity: name as Nonlinearity, ...(slope ? { slope: Number(slope) } : {}) }
}

const sample = (type: keyof typeof initializerCatalog, shape: number[], options: Record<string, unknown> = {}, seed = 11) => {
  const answer = sampleInitializer({ initializer: { type, ...defaultsOf(initializerCatalog[type]), ...options }, shape, seed })
  return answer as { values: number[]; mean: number; std: number; min: number; max: number }
}

/** Fails unless the rows of a matrix are orthogonal and each has this square of its length. */
const assertOrthogonalRows = (values: number[], rows: number, square: number): void => {
  const columns = values.length / rows
  const at = (row: number, column: number): number => values[row * columns + column] ?? 0
  for (let pair = 0; pair < rows * rows; pair += 1) {
    const [row, other] = [Math.floor(pair / rows), pair % rows]
    let dot = 0
    for (let column = 0; column < columns; column += 1) dot += at(row, column) * at(other, column)
    assert.ok(Math.abs(dot - (row === other ? square : 0)) < 1e-5, `rows ${row} and ${other}: ${dot}`)
  }
}

describe('sampling an initializer', () => {
  for (const one of reference.cases) {
    const options = one.mode ? { mode: one.mode, ...parse(one.nonlinearity ?? '') } : { gain: one.gain }
    it(`${one.initializer} ${JSON.stringify(options)} of ${one.torchShape.join('×')} has PyTorch's bounds and spread`, () => {
      const [out = 1, inputs = 1, ...kernel] = one.torchShape
      const { values, std, min, max } = sample(one.initializer, [...kernel, inputs, out], options)
      const expected = one.std ?? (one.bound ?? 0) / Math.sqrt(3)
      assert.ok(Math.abs(std / expected - 1) < (values.length >= 60_000 ? 0.03 : 0.12), `std ${std}, expected ${expected}`)
      if (one.bound === undefined) return
      assert.ok(max <= one.bound * (1 + 1e-6) && min >= -one.bound * (1 + 1e-6), `${min}…${max} leaves ±${one.bound}`)
      assert.ok(max > 0.97 * one.bound && min < -0.97 * one.bound, `${min}…${max} does not reach ±${one.bound}`)
    })
  }

  it("sampling an initializer has PyTorch's gains", () => {
    for (const [name, gain] of Object.entries(reference.gains)) {
      const { nonlinearity, slope } = parse(name)
      assert.equal(gainOf(nonlinearity, slope), gain, name)
    }
    assert.equal(gains.leakyRelu, reference.gains['leakyRelu(0.01)'])
  })

  it('sampling an initializer draws the same values again for a seed and others for another', () => {
    assert.deepEqual(sample('normal', [3, 4]), sample('normal', [3, 4]))
    assert.notDeepEqual(sample('normal', [3, 4]).values, sample('normal', [3, 4], {}, 12).values)
  })

  it('sampling an initializer fills with the notebook cells: a normal of small spread, a constant, zeros and ones', () => {
    const { mean, std } = sample('normal', [200, 300], { mean: 1, std: 0.01 })
    assert.ok(Math.abs(mean - 1) < 1e-3 && Math.abs(std / 0.01 - 1) < 0.03)
    const { min, max } = sample('uniform', [200, 300], { a: -2, b: 6 })
    assert.ok(min >= -2 && min < -1.99 && max <= 6 && max > 5.99)
    assert.deepEqual(sample('constant', [2, 2], { val: 0.5 }), { values: [0.5, 0.5, 0.5, 0.5], mean: 0.5, std: 0, min: 0.5, max: 0.5 })
    assert.deepEqual(sample('zeros', [2]).values, [0, 0])
    assert.deepEqual(sample('ones', [2]).values, [1, 1])
  })

  it('cuts a truncated normal off at its bounds, in its tails too', () => {
    const { min, max, mean, std } = sample('truncatedNormal', [300, 200])
    assert.ok(min >= -2 && max <= 2 && min < -1.95 && max > 1.95)
    // Of N(0, 1) between -2 and 2.
    assert.ok(Math.abs(mean) < 0.02 && Math.abs(std / 0.8796 - 1) < 0.02, `${mean} ± ${std}`)
    const tail = sample('truncatedNormal', [300, 200], { mean: 0, std: 1, a: 4, b: 5 })
    assert.ok(tail.min >= 4 && tail.max <= 5)
    assert.ok(Math.abs(tail.mean - 4.2168) < 0.01, `mean ${tail.mean}`)
  })

  for (const { options, mean, std } of cornerCases.truncatedNormal)
    it(`a truncated normal of ${JSON.stringify(options)} has the mean and the spread of the density`, () => {
      const sampled = sample('truncatedNormal', [300, 200], options)
      const width = options.b - options.a
      // Values are rounded to float32, whose digits are few where bounds are narrow.
      const near = Math.max(0.02 * std, 2e-7 * Math.abs(mean))
      assert.ok(Math.abs(sampled.mean - mean) < near, `mean ${sampled.mean}, expected ${mean}`)
      assert.ok(Math.abs(sampled.std / std - 1) < 0.02, `std ${sampled.std}, expected ${std}`)
      assert.ok(sampled.min >= options.a - 1e-7 * width && sampled.max <= Math.fround(options.b), `${sampled.min} to ${sampled.max}`)
    })

  it('a truncated normal whose bounds are thousands of deviations away lies at the nearer one', () => {
    for (const [options, expected] of [
      [{ mean: -1e6, std: 1e-6, a: 2, b: 3 }, 2],
      [{ mean: 1e6, std: 1e-300, a: 2, b: 3 }, 3],
      [{ mean: 5, std: Number.MIN_VALUE, a: -1, b: 1 }, 1],
      [{ mean: 0, std: 1, a: 4, b: 4 }, 4],
    ] as const) {
      const { min, max } = sample('truncatedNormal', [50, 4], options)
      assert.deepEqual([min, max], [expected, expected], JSON.stringify(options))
    }
    // An exponential of rate 100 behind the bound, as far as two digits go.
    const { mean, std } = sample('truncatedNormal', [300, 200], { mean: 0, std: 1, a: 100, b: 1e6 })
    assert.ok(Math.abs(mean - 100.009998) < 2e-4 && Math.abs(std / 0.0099967 - 1) < 0.02, `${mean} ± ${std}`)
  })

  it('sampling an initializer gives finite numbers at the ends of the ranges of all options', () => {
    for (const [type, options] of [
      ['normal', { mean: 1e6, std: 1e6 }],
      ['uniform', { a: -1e6, b: 1e6 }],
      ['constant', { val: -1e6 }],
      ['xavierUniform', { gain: 1e6 }],
      ['xavierNormal', { gain: 0 }],
      ['kaimingUniform', { slope: 1e6 }],
      ['kaimingNormal', { slope: -1e6, mode: 'fanOut' }],
      ['orthogonal', { gain: 1e6 }],
      ['truncatedNormal', { mean: 1e6, std: 1e6, a: -1e6, b: 1e6 }],
    ] as const)
      assert.ok(sample(type, [8, 4], options).values.every(Number.isFinite), type)
  })

  it('sampling an initializer makes the shorter side of an orthogonal matrix orthonormal, times the gain', () => {
    assertOrthogonalRows(sample('orthogonal', [5, 8], { gain: 2 }).values, 5, 4)
    assertOrthogonalRows(sample('orthogonal', [8, 8], { gain: 2 }).values, 8, 4)
    const tall = sample('orthogonal', [3, 3, 2, 4]).values
    const transposed = tall.map((_, at) => tall[(at % 18) * 4 + Math.floor(at / 18)] ?? 0)
    assertOrthogonalRows(transposed, 4, 1)
  })

  it('sampling an initializer puts ones on the diagonal of a matrix', () => {
    assert.deepEqual(sample('eye', [2, 3]).values, [1, 0, 0, 0, 1, 0])
  })

  it('sampling an initializer refuses shapes that an initializer cannot fill', () => {
    for (const [type, shape] of [
      ['eye', [2, 2, 2]],
      ['xavierUniform', [5]],
      ['kaimingNormal', []],
      ['orthogonal', [3]],
      ['zeros', [2000, 2000]],
      ['zeros', [0]],
    ] as const) {
      assert.throws(
        () => sample(type, [...shape]),
        (error) => error instanceof Problem && error.code === 'VALIDATION_FAILED' && error.errors[0]?.path === '/shape',
        type,
      )
    }
  })

  it('sampling an initializer refuses bounds that are the wrong way round', () => {
    for (const type of ['uniform', 'truncatedNormal'] as const) {
      assert.throws(
        () => sample(type, [3], { mean: 0, std: 1, a: 2, b: 1 }),
        (error) => error instanceof Problem && error.code === 'VALIDATION_FAILED' && error.errors[0]?.path === '/options/b',
        type,
      )
    }
  })
})
