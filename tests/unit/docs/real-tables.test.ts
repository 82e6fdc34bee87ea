import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '../../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

type Scores = {
  measure: 'accuracy' | 'r2'
  rows: number
  heldOut: number
  boosting: number
  linear: number
  oneLine: number
  tenLines: number
}

test('docs/tables.md shows the recorded scores of the real tables', () => {
  const tables: { name: string; label: string }[] = JSON.parse(read('tests/fixtures/real-tables/tables.json'))
  const scores: Record<string, Scores> = JSON.parse(read('tests/fixtures/real-tables/scores.json'))
  const [, shown = ''] = /<!-- scores -->\n([\s\S]*?)\n<!-- \/scores -->/.exec(read('docs/tables.md')) ?? []
  const lines = tables.map(({ name, label }) => {
    const score = scores[name]
    assert.ok(score, `${name} has no scores`)
    const { measure, rows, heldOut } = score
    const [oneLine, boosting, tenLines, linear] = [score.oneLine, score.boosting, score.tenLines, score.linear].map((one) => one.toFixed(3))
    return `| ${name} | \`${label}\` | ${rows} + ${heldOut} | ${measure === 'r2' ? 'R²' : measure} | ${oneLine} | ${boosting} | ${tenLines} | ${linear} |`
  })
  const heading = [
    '| table | label | rows trained on + held out | measure | one line | boosting | ten lines | linear |',
    '|---|---|---|---|---|---|---|---|',
  ]
  assert.equal(shown, [...heading, ...lines].join('\n'))
})
