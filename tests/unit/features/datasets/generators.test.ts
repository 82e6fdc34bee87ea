import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createApiChecks } from '../../../../src/api/checks.ts'
import { generatorCatalog, generatorFamily, type SyntheticSpec } from '../../../../src/catalog/generators.ts'
import { describeSynthetic, generateRows } from '../../../../src/features/datasets/generators/generate.ts'
import { syntheticErrors } from '../../../../src/features/datasets/generators/spec-errors.ts'

const check = createApiChecks()(generatorFamily.union)

/** A spec as a request gives it, with defaults filled in. */
const specOf = (request: object): SyntheticSpec => {
  const spec = structuredClone(request)
  assert.deepEqual(check(spec), [])
  return spec as SyntheticSpec
}

const required: Record<string, object> = {
  linear: { weights: [2, -3.4], bias: 4.2 },
  logistic: { weights: [1, 2] },
  polynomial: { coefficients: [1, 2, 3] },
}
const everyKind = Object.keys(generatorCatalog).map((kind) => specOf({ kind, ...required[kind] }))

const column = (values: Float32Array, width: number, index: number): number[] => [...values].filter((_, at) => at % width === index)
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const std = (values: readonly number[]): number => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)))

describe('every generator', () => {
  for (const spec of everyKind) {
    test(`${spec.kind}: a range of rows holds the same values as the whole table`, () => {
      const whole = generateRows(spec)
      const width = describeSynthetic(spec).columns.length - 1
      const part = generateRows(spec, 333, 41)
      assert.deepEqual(part.features, whole.features.slice(333 * width, 374 * width))
      assert.deepEqual(part.labels, whole.labels.slice(333, 374))
    })

    test(`${spec.kind}: another seed gives other rows, and every value is finite`, () => {
      const rows = generateRows(spec)
      assert.notDeepEqual(generateRows({ ...spec, seed: 1 }).features, rows.features)
      assert.ok([...rows.features, ...rows.labels].every(Number.isFinite))
    })

    test(`${spec.kind}: says its columns, the label last, and its truth`, () => {
      const { columns, rows, truth } = describeSynthetic(spec)
      assert.equal(rows, 1000)
      assert.equal(columns.at(-1)?.role, 'label')
      assert.ok(columns.slice(0, -1).every(({ role }) => role === 'feature'))
      assert.equal(generateRows(spec).features.length, (columns.length - 1) * 1000)
      assert.ok(Object.keys(truth()).length > 0)
    })
  }
})

test('the rows past the end of a table are left out', () => {
  assert.equal(generateRows(specOf({ kind: 'moons', examples: 10 }), 8, 5).labels.length, 2)
  assert.equal(generateRows(specOf({ kind: 'moons', examples: 10 }), 12, 5).labels.length, 0)
})

describe('what the rows are', () => {
  test('linear: y is Xw + b up to the noise, and X is standard normal', () => {
    const spec = specOf({ kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 20_000, noiseStd: 0.01 })
    const { features, labels } = generateRows(spec)
    const [x1, x2] = [column(features, 2, 0), column(features, 2, 1)]
    const noise = x1.map((x, row) => (labels[row] ?? 0) - (2 * x - 3.4 * (x2[row] ?? 0) + 4.2))
    assert.ok(Math.abs(std(noise) - 0.01) < 0.0005 && Math.abs(mean(noise)) < 0.0005)
    for (const x of [x1, x2]) assert.ok(Math.abs(mean(x)) < 0.03 && Math.abs(std(x) - 1) < 0.03)
  })

  test('polynomial: the constant term comes first', () => {
    const { features, labels } = generateRows(specOf({ kind: 'polynomial', coefficients: [5, 0, -2], noiseStd: 0, low: -3, high: 3 }))
    for (const [row, x] of features.entries()) assert.ok(Math.abs((labels[row] ?? 0) - (5 - 2 * x * x)) < 1e-5)
    assert.ok(Math.min(...features) >= -3 && Math.max(...features) <= 3 && Math.max(...features) > 2.9)
  })

  test('sine: amplitude, frequency, phase and offset', () => {
    const { features, labels } = generateRows(specOf({ kind: 'sine', amplitude: 2, frequency: 3, phase: 0.5, offset: 1, noiseStd: 0 }))
    for (const [row, x] of features.entries()) assert.ok(Math.abs((labels[row] ?? 0) - (2 * Math.sin(3 * x + 0.5) + 1)) < 1e-5)
  })

  test('logistic: labels follow the probability that the weights give', () => {
    const { features, labels } = generateRows(specOf({ kind: 'logistic', weights: [3], bias: 1, examples: 20_000 }))
    const likely = [...labels].filter((_, row) => Math.abs((features[row] ?? 0) - 0.5) < 0.05)
    assert.ok(Math.abs(mean(likely) - 1 / (1 + Math.exp(-2.5))) < 0.05)
  })

  test('blobs: rows lie around the center of their class, in classes of the same size', () => {
    const spec = specOf({ kind: 'blobs', centers: 4, clusterStd: 0.5, examples: 4000 })
    const { centers } = describeSynthetic(spec).truth() as { centers: number[][] }
    const { features, labels } = generateRows(spec)
    for (const [label, center] of centers.entries()) {
      const own = column(features, 2, 0).filter((_, row) => labels[row] === label)
      assert.equal(own.length, 1000)
      assert.ok(Math.abs(mean(own) - (center[0] ?? 0)) < 0.08 && Math.abs(std(own) - 0.5) < 0.05)
    }
  })

  test('moons and circles: without noise every point lies on its curve, half of them on each', () => {
    for (const [kind, radius] of [
      ['moons', [1, 1]],
      ['circles', [1, 0.8]],
    ] as const) {
      const { features, labels } = generateRows(specOf({ kind, noiseStd: 0, examples: 1001 }))
      assert.equal(
        labels.reduce((sum, label) => sum + label, 0),
        501,
      )
      for (const [row, label] of labels.entries()) {
        const center = kind === 'moons' && label === 1 ? [1, 0.5] : [0, 0]
        const distance = Math.hypot((features[2 * row] ?? 0) - (center[0] ?? 0), (features[2 * row + 1] ?? 0) - (center[1] ?? 0))
        assert.ok(Math.abs(distance - (radius[label] ?? 0)) < 1e-5)
      }
    }
  })

  test('spirals: radius says how far the arm has wound', () => {
    const { features, labels } = generateRows(specOf({ kind: 'spirals', classes: 3, turns: 2, noiseStd: 0 }))
    for (const [row, label] of labels.entries()) {
      const [x, y] = [features[2 * row] ?? 0, features[2 * row + 1] ?? 0]
      const angle = 2 * Math.PI * (label / 3 + 2 * Math.hypot(x, y))
      assert.ok(Math.hypot(x - Math.hypot(x, y) * Math.cos(angle), y - Math.hypot(x, y) * Math.sin(angle)) < 1e-4)
    }
  })

  test("friedman1: Friedman's function of the first five features", () => {
    const { features, labels } = generateRows(specOf({ kind: 'friedman1', noiseStd: 0, features: 7 }))
    for (const [row, y] of labels.entries()) {
      const [a = 0, b = 0, c = 0, d = 0, e = 0] = features.subarray(7 * row)
      assert.ok(Math.abs(y - (10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e)) < 1e-4)
    }
  })
})

describe('what cannot be generated', () => {
  test('an empty range names the field', () => {
    assert.deepEqual(
      syntheticErrors(specOf({ kind: 'sine', low: 2, high: 2 })).map(({ path }) => path),
      ['/high'],
    )
  })

  test('a table that is too large names the number of rows', () => {
    const spec = specOf({ kind: 'blobs', features: 10_000, examples: 1_000_000 })
    assert.deepEqual(
      syntheticErrors(spec).map(({ path, code }) => [path, code]),
      [['/examples', 'too_large']],
    )
  })

  test('a polynomial that leaves float32 names the term, whatever the number of rows, and one that does not is made', () => {
    const errors = (spec: object) => syntheticErrors(specOf({ kind: 'polynomial', examples: 3, ...spec })).map(({ path }) => path)
    assert.deepEqual(errors({ coefficients: [0, 0, 0, 0, 1], low: 1e11, high: 1e12 }), ['/coefficients/4'])
    assert.deepEqual(errors({ coefficients: [0, 0, 0, -1e3], low: -1e12, high: 1 }), ['/coefficients/3'])
    assert.deepEqual(errors({ coefficients: new Array(64).fill(1e12), low: -1e12, high: 1e12 }), ['/coefficients/25'])
    assert.deepEqual(errors({ coefficients: [1, ...new Array(63).fill(0)], low: 1e11, high: 1e12 }), [])
    const largest = specOf({ kind: 'polynomial', coefficients: [0, 0, 0, 300], low: 9.9e11, high: 1e12 })
    assert.deepEqual(syntheticErrors(largest), [])
    assert.ok(generateRows(largest).labels.every((label) => Number.isFinite(label) && label > 2e38))
  })

  test('every other generator stays within float32 at the ends of all its ranges', () => {
    const huge = 1e12
    for (const options of [
      { kind: 'linear', weights: new Array(1000).fill(huge), bias: huge, noiseStd: huge },
      { kind: 'logistic', weights: new Array(1000).fill(-huge), bias: huge },
      { kind: 'sine', amplitude: huge, frequency: huge, phase: huge, offset: huge, low: -huge, high: huge, noiseStd: huge },
      { kind: 'blobs', centers: 10, clusterStd: huge, low: -huge, high: huge },
      { kind: 'moons', noiseStd: huge },
      { kind: 'circles', noiseStd: huge, factor: 0 },
      { kind: 'spirals', noiseStd: huge, turns: 100, classes: 100 },
      { kind: 'friedman1', noiseStd: huge },
    ]) {
      const spec = specOf({ examples: 200, ...options })
      assert.deepEqual(syntheticErrors(spec), [], options.kind)
      const { features, labels } = generateRows(spec)
      assert.ok(features.every(Number.isFinite) && labels.every(Number.isFinite), options.kind)
    }
  })

  test('centers of more coordinates than a job can tell of are refused', () => {
    assert.deepEqual(
      syntheticErrors(specOf({ kind: 'blobs', centers: 1000, features: 10_000, examples: 10 })).map(({ path, code }) => [path, code]),
      [['/centers', 'too_large']],
    )
  })

  test('unknown kinds, unknown options and missing weights are refused', () => {
    for (const request of [{ kind: 'cubes' }, { kind: 'moons', holes: 2 }, { kind: 'linear' }, { kind: 'circles', factor: 1 }])
      assert.ok(check(structuredClone(request)).length > 0)
  })
})
