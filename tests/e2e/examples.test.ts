/** Every request file in examples/ is sent by its runner to a running service, and prints what the notebook prints. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { firstBroken, readGallery } from '../support/e2e/gallery.ts'
import { cleanEnvironment, type Product, root } from '../support/e2e/product.ts'
import { sharedProduct } from '../support/e2e/shared-product.ts'

let product: Product
before(async () => {
  product = await sharedProduct()
})

/** Runs a command of the gallery against the product under test. */
const runCommand = (command: string) =>
  new Promise<string>((done, failed) => {
    const [, ...args] = command.split(' ')
    execFile(process.execPath, [...args, product.url], { cwd: root, env: cleanEnvironment({}) }, (error, out, err) =>
      error ? failed(new Error(`${command}: ${out}\n${err}`)) : done(out),
    )
  })

const losses = (text: string): number[] => [...text.matchAll(/^epoch \d+, loss ([^,\s]+)/gm)].map((match) => Number(match[1]))
const errors = (text: string): number[] =>
  [...text.matchAll(/^error in estimating [wb]: \[(.*)\]$/gm)].flatMap((match) => (match[1] ?? '').split(', ').map(Number))

/** A metric after the last epoch. */
const lastMetric = (text: string, name: string): number => Number([...text.matchAll(new RegExp(`, ${name} ([-.0-9]+)`, 'g'))].at(-1)?.[1])

/** The truth was found: no weight and no bias is off by 2e-3 or more. */
const foundTheTruth = (text: string): void => {
  assert.equal(errors(text).length, 3, text)
  for (const error of errors(text)) assert.ok(Math.abs(error) < 2e-3, text)
}

/** One expectation a file. */
const expectations: Record<string, (text: string) => void> = {
  'linear-regression-concise': (text) => {
    assert.equal(losses(text).length, 3)
    assert.ok(Number(losses(text)[2]) < 2e-4)
    assert.match(text, /^gradient of layers\.0\.weight: \[-?\d\.\d{4}, -?\d\.\d{4}\]$/m)
    foundTheTruth(text)
  },
  'linear-regression-scratch': (text) => {
    // Half the squared error, so half the loss and half the gradient: slower, and not yet there after three epochs.
    assert.equal(losses(text).length, 3)
    assert.ok(Number(losses(text)[0]) > 1e-3 && Number(losses(text)[2]) < 1e-4, text)
  },
  'linear-regression-ten-epochs': (text) => {
    assert.equal(losses(text).length, 10)
    assert.ok(Number(losses(text)[0]) > 0.05 && Number(losses(text)[9]) < 2e-4, text)
    foundTheTruth(text)
  },
  'sum-loss': (text) =>
    assert.ok(
      losses(text).every((loss) => loss > 0.05 && loss < 1),
      'a sum over 1000 rows is about 0.1',
    ),
  'sum-loss-smaller-rate': (text) => {
    assert.ok(losses(text).at(-1) !== undefined && Number(losses(text).at(-1)) < 0.2)
    foundTheTruth(text)
  },
  'huber-regression': (text) => assert.equal(losses(text).length, 3),
  'smooth-l1-regression': (text) => assert.equal(losses(text).length, 3),
  'zero-initialization': foundTheTruth,
  'zero-initialization-hidden-layer': (text) => {
    // All units stay equal and the hidden layer never learns: only the last bias moves.
    assert.match(text, /^layers\.0\.weight: \[(-?0\.0000, ){7}-?0\.0000\]$/m)
    assert.ok(losses(text).every((loss) => loss > 1))
  },
  huber: (text) => assert.match(text, /^loss: 1\.5133$/m),
  'smooth-l1': (text) => assert.match(text, /^loss: 1\.5133$/m),
  'xavier-uniform': (text) => assert.match(text, /^std 0\.07\d\d$/m),
  'kaiming-uniform': (text) => assert.match(text, /^std 0\.08\d\d$/m),
  'learning-rate-and-batch-size': (text) => {
    const [mean, sum, smaller] = ['mean', 'sum, optimizer.learningRate 0.03', 'sum, optimizer.learningRate 0.003'].map((point) => {
      const row = text.split('\n').find((line) => line.endsWith(`loss.reduction ${point}`))
      const [, loss, perExample] = (row ?? '').split(/\s+/).map(Number)
      return { loss: Number(loss), perExample: Number(perExample) }
    })
    // What looked a thousand times worse is the same: a sum over 1000 rows, per example as good to the last digit shown.
    assert.ok(smaller && mean && sum, text)
    assert.ok(Math.abs(smaller.perExample - mean.perExample) <= 1e-6, text)
    assert.ok(Math.abs(smaller.loss / 1000 - mean.loss) <= 1e-6 && smaller.loss > 0.05, text)
    assert.ok(Math.abs(sum.perExample - mean.perExample) < 1e-4, text)
  },
  'least-squares': (text) => {
    assert.equal(losses(text).length, 1)
    assert.ok(Number(losses(text)[0]) < 1.2e-4, text)
    assert.match(text, /^standard errors of w: \[0\.000\d, 0\.000\d\]$/m)
    assert.match(text, /^R²: \[0\.9999\d\d\]$/m)
    foundTheTruth(text)
  },
  iris: (text) => assert.ok(lastMetric(text, 'accuracy') > 0.94, text),
  cars: (text) => assert.ok(lastMetric(text, 'r2') > 0.7, text),
}

const gallery = new Map(readGallery().map((entry) => [entry.name, entry]))

test('every request file has an expectation, and a place in docs/gallery.md with a picture', async () => {
  const files = (await readdir(join(root, 'examples'))).filter((file) => file.endsWith('.json') && file !== 'routes.json')
  const names = files.map((file) => file.replace('.json', '')).sort()
  assert.deepEqual(names, Object.keys(expectations).sort())
  assert.deepEqual(names, [...gallery.keys()].sort())
  for (const { picture } of gallery.values()) assert.ok(existsSync(join(root, 'docs', picture)), picture)
})

for (const [name, holds] of Object.entries(expectations))
  test(`examples/${name}.json prints what docs/gallery.md says`, async () => {
    const { command, lines } = gallery.get(name) ?? assert.fail('it has no place in docs/gallery.md')
    assert.ok(command.startsWith(`node examples/run.mjs examples/${name}.json`) && lines.length > 0, command)
    const text = await runCommand(command)
    holds(text)
    const broken = firstBroken(lines, text)
    assert.equal(broken, null, `not printed: ${broken}\n${text}`)
  })
