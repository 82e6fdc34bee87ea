/** How the page's form changes a config, and writes it as JSON. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Config, pointerOf, readConfig, valueAt, withValue, writeConfig } from '../../../src/dashboard/views/new-job/draft.ts'

test('a config is the same after it was written and read, with short lists on a line', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (made) => {
      const config: Config = JSON.parse(JSON.stringify(made))
      assert.deepEqual(readConfig(writeConfig(config)), { config })
    }),
  )
  assert.equal(writeConfig({ weights: [2, -3.4] }), '{\n  "weights": [2, -3.4]\n}')
  const tricky = { text: '[\n  1,\n  2\n]', list: ['a,\n  b', '"'] }
  assert.deepEqual(readConfig(writeConfig(tricky)), { config: tricky })
})

test('a field changes its own place alone, makes what is missing on the way, and leaves out what is empty', () => {
  const config = { training: { epochs: 3 }, model: { layers: [{ type: 'dense', activation: 'leakyRelu' }] } }
  const before = structuredClone(config)
  assert.deepEqual(withValue(config, ['training', 'seed'], 1).training, { epochs: 3, seed: 1 })
  assert.deepEqual(withValue(config, ['earlyStopping', 'patience'], 2).earlyStopping, { patience: 2 })
  assert.equal(Object.hasOwn(withValue(config, ['training', 'epochs'], undefined), 'training'), false)
  assert.deepEqual(
    valueAt(withValue(config, ['model', 'layers', 0, 'activation', 'negativeSlope'], 0.2), ['model', 'layers', 0, 'activation']),
    { type: 'leakyRelu', negativeSlope: 0.2 },
    'a type that was named by a text alone keeps it',
  )
  assert.deepEqual(withValue(config, ['dataset'], undefined), config)
  assert.deepEqual(withValue({ dataset: 1 }, ['dataset'], undefined), {})
  assert.deepEqual(config, before)
})

test('what is no config is told in words, and paths are JSON Pointers', () => {
  for (const text of ['', '{', '[1]', 'null', '3']) assert.equal('problem' in readConfig(text), true, text)
  assert.equal(pointerOf(['model', 'layers', 0, 'a/b~c']), '/model/layers/0/a~1b~0c')
})
