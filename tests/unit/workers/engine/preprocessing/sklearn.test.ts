/** Preprocessing against values that scikit-learn gave for the same tables: tests/fixtures/sklearn/preprocessing.py. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { ColumnTransform, Plan } from '../../../../../src/contracts/plan.ts'
import { balancedWeights } from '../../../../../workers/engine/preprocessing/class-weights.ts'
import { learnStatistics } from '../../../../../workers/engine/preprocessing/learn.ts'
import { prepareFeatures } from '../../../../../workers/engine/preprocessing/prepare.ts'
import { assertClose } from '../../../../support/close.ts'

type Table = (number | null)[][]
const recorded = JSON.parse(readFileSync(new URL('../../../../fixtures/sklearn/preprocessing.json', import.meta.url), 'utf8'))

const flat = (table: Table): Float32Array => Float32Array.from(table.flat(), (value) => value ?? Number.NaN)

/** What becomes of later rows by what was learned of the training rows. */
const prepared = (transforms: ColumnTransform[], training: Table, later: Table): number[] => {
  const plan = {
    config: { loss: { type: 'mse' } },
    outputShape: [1],
    data: { transforms: [transforms], labelColumns: [transforms.length] },
  } as unknown as Plan
  const learned = learnStatistics(plan, { features: [flat(training)], labels: new Float32Array(training.length) })
  return [...(prepareFeatures(plan, learned, [flat(later)])[0] ?? [])]
}
const close = (got: number[], wanted: Table, what: string): void => assertClose(got, wanted.flat() as number[], 1e-6, what)

describe('preprocessing as scikit-learn does it', () => {
  for (const kind of ['standardize', 'minMax', 'robust'] as const)
    it(`preprocessing as scikit-learn does it scales by ${kind}, a constant by 1`, () => {
      const transforms = Array.from({ length: 4 }, (): ColumnTransform => ({ kind }))
      close(prepared(transforms, recorded.training, recorded.later), recorded.scaled[kind], kind)
    })

  for (const by of ['mean', 'median', 'mostFrequent'] as const)
    it(`preprocessing as scikit-learn does it fills with the ${by}, and marks what it filled behind all columns`, () => {
      const lacking = [true, true, true, false]
      const transforms = lacking.map((indicator): ColumnTransform => ({ kind: 'keep', fill: { by }, ...(indicator ? { indicator } : {}) }))
      close(prepared(transforms, recorded.gaps, recorded.laterGaps), recorded.filled[by], by)
    })

  it('preprocessing as scikit-learn does it fills with a constant', () => {
    const transforms = Array.from({ length: 4 }, (): ColumnTransform => ({ kind: 'keep', fill: { value: -1 } }))
    close(prepared(transforms, recorded.gaps, recorded.laterGaps), recorded.constant, 'constant')
  })

  it('preprocessing as scikit-learn does it scales what was filled by what was filled', () => {
    const transforms = Array.from({ length: 4 }, (): ColumnTransform => ({ kind: 'standardize', fill: { by: 'median' } }))
    close(prepared(transforms, recorded.gaps, recorded.laterGaps), recorded.filledAndScaled, 'filled and scaled')
  })

  it('preprocessing as scikit-learn does it makes categories that training has not zeros', () => {
    const { training, later, levels, made } = recorded.oneHot
    const column = (values: number[]): Table => values.map((value) => [value])
    const got = prepared([{ kind: 'oneHot', lowest: 0, count: 5 }], column(training), column(later))
    // Ours has an input for each level of the table, theirs for each that training has.
    const ours = later.map((_: number, at: number) => levels.map((level: number) => got[5 * at + level]))
    assert.deepEqual(ours, made)
    assert.equal(
      got.reduce((sum, value) => sum + value),
      2,
    )
  })

  it('preprocessing as scikit-learn does it weighs classes alike', () => {
    const { labels, classes, weights } = recorded.balanced
    const plan = { config: { loss: { type: 'crossEntropy', classWeights: 'balanced' } }, outputShape: [4] } as unknown as Plan
    const got = balancedWeights(plan, Float32Array.from(labels)) ?? []
    assertClose(
      classes.map((index: number) => got[index] ?? Number.NaN),
      weights,
      1e-12,
      'weights',
    )
    assert.equal(got[2], 1)
  })
})
