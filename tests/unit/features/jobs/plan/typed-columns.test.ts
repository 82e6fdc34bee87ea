/** Planning over columns of every type: what becomes of each, and what is refused. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StoredColumn } from '../../../../../src/api/column.schema.ts'
import { errorsOf, layers, onlyError, planOf } from '../../../../support/planning.ts'

const levels = (...values: string[]) => ({ levelCount: values.length, levels: values.map((value) => ({ value, count: 2 })) })
const columns: StoredColumn[] = [
  { name: 'age', role: null, type: 'number', missing: 3, min: 1, max: 80, mean: 30, std: 9 },
  { name: 'deck', role: null, type: 'category', missing: 5, ...levels('C', 'A', 'B') },
  { name: 'alone', role: null, type: 'boolean', missing: 0, min: 0, max: 1 },
  { name: 'sailed', role: null, type: 'date', missing: 0, min: '1912-04-10', max: '1912-04-14' },
  { name: 'name', role: null, type: 'text', missing: 0, levelCount: 25 },
  { name: 'id', role: 'ignored', type: 'integer', missing: 0, min: 1, max: 25 },
  { name: 'note', role: null, type: 'text', missing: 0, stored: false },
  { name: 'class', role: null, type: 'category', missing: 2, ...levels('first', 'second', 'third') },
  { name: 'fare', role: null, type: 'number', missing: 1, min: 0, max: 500, mean: 30, std: 50 },
]
const table = { rows: 25, columns, inputShape: [] }
const fill = { missing: { strategy: 'mostFrequent' } }
const of = (labels: string[], parts: object = {}) => ({ dataset: { id: 'ds_1', labels }, preprocessing: fill, ...parts })
const classifier = { ...layers({ type: 'dense', units: 3 }), loss: { type: 'crossEntropy' } }
const plan = (config: object) => planOf(config, table as never)
const errors = (config: object) => errorsOf(config, table)
const places = (config: object) => errors(config).map(({ path, column, value }) => [path, column ?? value])

describe('columns of every type', () => {
  it('columns of every type are features unless they are labels, ignored, text or not stored', () => {
    const { data } = plan(of(['class'], classifier))
    assert.deepEqual(
      data.featureColumns.flat().map((position) => columns[position]?.name),
      ['age', 'deck', 'alone', 'sailed', 'fare'],
    )
    assert.deepEqual(
      data.transforms?.[0]?.map(({ kind }) => kind),
      ['keep', 'oneHot', 'keep', 'keep', 'keep'],
    )
    assert.deepEqual(data.inputShape, [7])
  })

  it('columns of every type are scaled as a whole or by name: categories and booleans are not unless they are named', () => {
    const kinds = (preprocessing: object) =>
      plan(of(['class'], { ...classifier, preprocessing: { ...fill, ...preprocessing } })).data.transforms?.[0]?.map(({ kind }) => kind)
    assert.deepEqual(kinds({ standardize: true }), ['standardize', 'oneHot', 'keep', 'standardize', 'standardize'])
    assert.deepEqual(kinds({ robust: true, minMax: ['alone', 'fare'] }), ['robust', 'oneHot', 'minMax', 'robust', 'minMax'])
    assert.deepEqual(kinds({ codes: ['deck'], standardize: ['age'] }), ['standardize', 'keep', 'keep', 'keep', 'keep'])
    const wrong = (preprocessing: object) => places(of(['class'], { ...classifier, preprocessing: { ...fill, ...preprocessing } }))
    assert.deepEqual(wrong({ standardize: ['age', 'deck', 'name'] }), [
      ['/preprocessing/standardize/2', 'name'],
      ['/preprocessing/standardize', 'deck'],
    ])
    assert.deepEqual(wrong({ standardize: ['age'], minMax: ['age'] }), [['/preprocessing/standardize/0', 'age']])
    assert.deepEqual(wrong({ standardize: true, robust: true }), [['/preprocessing/robust', true]])
    assert.deepEqual(wrong({ codes: ['deck'], oneHot: ['deck'] }), [['/preprocessing/codes/0', 'deck']])
  })

  it('missing cells are refused in one validation error, filled by a rule, or drop their rows', () => {
    const [path, message] = onlyError(errors({ ...of(['class'], classifier), preprocessing: {} }))
    assert.equal(path, '/preprocessing/missing')
    assert.match(message, /age \(3\), deck \(5\), fare \(1\)/)
    const [, rest] = onlyError(errors(of(['class'], { ...classifier, preprocessing: { missing: { age: { strategy: 'mean' } } } })))
    assert.match(rest, /deck \(5\), fare \(1\)/)
    const { transforms, inputShape } = plan(
      of(['class'], { ...classifier, preprocessing: { missing: { strategy: 'mean', indicator: true } } }),
    ).data
    assert.deepEqual(
      transforms?.[0]?.map(({ fill: by, indicator = false }) => [by, indicator]),
      [
        [{ by: 'mean' }, true],
        [{ by: 'mostFrequent' }, true],
        [{ by: 'mostFrequent' }, false],
        [{ by: 'mean' }, false],
        [{ by: 'mean' }, true],
      ],
    )
    assert.deepEqual(inputShape, [10])
  })

  it('a constant that fills must be of the type of its column', () => {
    const constant = (rules: Record<string, unknown>) =>
      of(['class'], {
        ...classifier,
        dataset: { id: 'ds_1', labels: ['class'], features: Object.keys(rules) },
        preprocessing: {
          missing: Object.fromEntries(
            Object.entries(rules).map(([name, value]) => [name, { strategy: 'constant', ...(value === undefined ? {} : { value }) }]),
          ),
        },
      })
    const { transforms } = plan(constant({ age: undefined, deck: 'B', alone: true, sailed: '1912-04-10' })).data
    assert.deepEqual(
      transforms?.[0]?.map(({ fill: by }) => by),
      [{ value: 0 }, { value: 1 }, { value: 1 }, { value: Date.UTC(1912, 3, 10) / 86_400_000 }],
    )
    assert.deepEqual(places(constant({ age: 'old', deck: 'D', alone: 2, sailed: 7 })), [
      ['/preprocessing/missing/age/value', 'age'],
      ['/preprocessing/missing/deck/value', 'deck'],
      ['/preprocessing/missing/alone/value', 'alone'],
      ['/preprocessing/missing/sailed/value', 'sailed'],
    ])
    const odd = of(['class'], { ...classifier, preprocessing: { missing: { strategy: 'mean', value: 3 } } })
    assert.deepEqual(places(odd), [['/preprocessing/missing/value', 3]])
    assert.deepEqual(places(of(['class'], { ...classifier, preprocessing: { missing: { ...fillAll(), nobody: { strategy: 'mean' } } } })), [
      ['/preprocessing/missing/nobody', 'nobody'],
    ])
  })

  it('a constant for all features fills those that can hold it, and the others with their most frequent value', () => {
    const fills = (rule: object) =>
      plan(of(['class'], { ...classifier, preprocessing: { missing: { strategy: 'constant', ...rule } } })).data.transforms?.[0]?.map(
        ({ fill: by }) => by,
      )
    const frequent = { by: 'mostFrequent' }
    assert.deepEqual(fills({}), [{ value: 0 }, frequent, { value: 0 }, frequent, { value: 0 }])
    assert.deepEqual(fills({ value: -7 }), [{ value: -7 }, frequent, frequent, frequent, { value: -7 }])
    assert.deepEqual(fills({ value: 'B' }), [frequent, { value: 1 }, frequent, frequent, frequent])
    const nobody = of(['class'], { ...classifier, preprocessing: { missing: { strategy: 'constant', value: 'D' } } })
    assert.deepEqual(places(nobody), [['/preprocessing/missing/value', 'D']])
  })

  it('a missing label drops its row, and so does a feature that is to; if only the rows tell how many, they are expected to be the most', () => {
    const rows = ({ trainingRows, validationRows, droppedRows }: ReturnType<typeof plan>) => [trainingRows, validationRows, droppedRows]
    assert.deepEqual(rows(plan(of(['class'], classifier))), [23, 0, 2])
    const training = { epochs: 1, batchSize: 5, seed: 1, validationSplit: 0.2 }
    assert.deepEqual(rows(plan(of(['class'], { ...classifier, training }))), [19, 4, 2])
    const dropped = plan(of(['class'], { ...classifier, preprocessing: { missing: { strategy: 'dropRows' } } }))
    assert.deepEqual(rows(dropped), [20, 0, 5])
    assert.deepEqual(dropped.data.rowRule.required, [7, 0, 1, 8])
  })

  it('labels that a loss cannot take are refused by what they are', () => {
    const label = (name: string, parts: object) => onlyError(errors(of([name], parts)))
    assert.match(label('class', {})[1], /mse trains numbers; column "class" is a category of 3 levels: first, second, third/)
    assert.match(label('class', { ...classifier, ...layers({ type: 'dense', units: 2 }) })[1], /holds a category of 3 levels/)
    assert.match(label('name', classifier)[1], /"name" is text: declare it a category/)
    assert.match(label('note', classifier)[1], /too many levels to be stored/)
    const scaled = (name: string, parts: object) =>
      onlyError(errors(of([name], { ...parts, preprocessing: { ...fill, standardizeLabels: true } })))
    assert.deepEqual(scaled('class', classifier)[0], '/preprocessing/standardizeLabels')
    assert.equal(plan(of(['fare'], { preprocessing: { ...fill, standardizeLabels: true } })).data.standardizesLabels, true)
  })

  it('labels of one class are refused by losses of classes, unless another label has two', () => {
    const same: StoredColumn = { name: 'same', role: null, type: 'boolean', missing: 1, min: 1, max: 1 }
    const level: StoredColumn = { name: 'level', role: null, type: 'category', missing: 0, ...levels('A') }
    const made = (labels: string[], type: string) =>
      errorsOf(
        { ...of(labels, layers({ type: 'dense', units: type === 'crossEntropy' ? 2 : labels.length })), loss: { type } },
        { ...table, columns: [...columns.slice(0, 4), same, level] },
      ).map(({ path, code, message }) => [path, code, message])
    for (const type of ['bceWithLogits', 'softMargin', 'crossEntropy']) {
      const what = 'there is nothing to tell apart'
      assert.deepEqual(made(['same'], type), [['/dataset/labels', 'type', `column "same" has fewer than two values: ${what}`]])
      assert.deepEqual(made(['level'], type), [['/dataset/labels', 'type', `column "level" has fewer than two levels: ${what}`]])
    }
    assert.deepEqual(made(['same', 'alone'], 'bceWithLogits'), [])
    assert.deepEqual(made(['same'], 'mse'), [])
  })

  it('labels of two classes are trained as the -1 and 1 of a loss that wants them, those of three are refused', () => {
    const two: StoredColumn = { name: 'two', role: null, type: 'category', missing: 0, ...levels('no', 'yes') }
    const signs: StoredColumn = { name: 'signs', role: null, type: 'integer', missing: 0, min: -1, max: 1, mean: 0, std: 1 }
    const wide = { ...table, columns: [...columns.slice(0, 4), two, signs, ...columns.slice(7)] }
    const config = (labels: string[], type: string) => ({ ...of(labels, layers({ type: 'dense', units: labels.length })), loss: { type } })
    const signed = (labels: string[], type: string) => planOf(config(labels, type), wide as never).data.signedLabels
    assert.deepEqual(signed(['two'], 'softMargin'), [true])
    assert.deepEqual(signed(['alone', 'signs'], 'hingeEmbedding'), [true, false])
    assert.equal(signed(['signs'], 'softMargin'), undefined)
    assert.equal(signed(['two'], 'bceWithLogits'), undefined)
    assert.match(
      onlyError(errorsOf(config(['class'], 'softMargin'), wide))[1],
      /labels -1 and 1; column "class" holds a category of 3 levels/,
    )
  })

  it('classes are weighed alike only where there are classes', () => {
    const weighed = (name: string, parts: object) => places(of([name], parts))
    assert.deepEqual(weighed('class', { ...classifier, loss: { type: 'crossEntropy', classWeights: 'balanced' } }), [])
    const twice = { type: 'crossEntropy', classWeights: 'balanced', weight: [1, 1, 1] }
    assert.deepEqual(weighed('class', { ...classifier, loss: twice }), [['/loss/classWeights', undefined]])
    assert.deepEqual(weighed('alone', { loss: { type: 'bceWithLogits', classWeights: 'balanced' } }), [])
  })
})

function fillAll() {
  return { age: { strategy: 'mean' }, deck: { strategy: 'mean' }, fare: { strategy: 'mean' } }
}
