import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { OptionError, readOptions } from '../../../bench/options.ts'
import { withSection } from '../../../bench/tables.ts'

const jobs = ['notebook', 'conv']
const folder = mkdtempSync(join(tmpdir(), 'trainyard-bench-options-'))
after(() => rmSync(folder, { recursive: true }))

const document = join(folder, 'figures.md')
writeFileSync(document, 'Before\n<!-- comparison -->\nold\n<!-- end comparison -->\nafter\n')

const refusal = (...args: string[]): string => {
  try {
    readOptions(args, jobs)
  } catch (error) {
    assert.ok(error instanceof OptionError)
    return error.message
  }
  return 'accepted'
}

describe('options of the benchmark', () => {
  it('options of the benchmark are all jobs in fifteen rounds unless told otherwise', () => {
    const { only, rounds } = readOptions([], jobs)
    assert.deepEqual({ only, rounds }, { only: jobs, rounds: 15 })
    assert.deepEqual(readOptions(['--only', 'conv', '--rounds', '3'], jobs).only, ['conv'])
  })

  it('options of the benchmark are refused by name where they cannot be meant', () => {
    assert.match(refusal('--rounds', 'abc'), /--rounds is "abc": it must be a whole number/)
    assert.match(refusal('--threads', '0'), /--threads is "0"/)
    assert.match(refusal('--only', 'nothing'), /--only is "nothing": it must be one of notebook, conv/)
    assert.match(refusal('--backend', 'abacus'), /--backend is "abacus"/)
    assert.match(refusal('--json', join(folder, 'missing', 'file.json')), /there is no folder/)
    assert.match(refusal('--fast'), /Unknown option '--fast'/)
  })

  it('options of the benchmark name a document only where the document has room for whole tables', () => {
    assert.equal(refusal('--write', document), 'accepted')
    assert.match(refusal('--write', join(folder, 'missing.md')), /there is no such file/)
    assert.match(refusal('--write', document, '--growth'), /has no section <!-- growth -->/)
    assert.match(refusal('--write', document, '--only', 'conv'), /whole tables/)
    assert.match(refusal('--write', document, '--engine', 'eager'), /graphs on tensorflow/)
  })
})

describe('a section of a document', () => {
  it('a section of a document is replaced between its markers, and nothing else', () => {
    const before = 'Before\n<!-- a -->\nold\n<!-- end a -->\nafter <!-- b --><!-- end b -->'
    assert.equal(withSection(before, { name: 'a', text: 'new' }), before.replace('old', 'new'))
  })
})
