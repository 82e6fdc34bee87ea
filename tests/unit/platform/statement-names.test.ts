import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createStatementNames } from '../../../src/platform/statement-names.ts'

describe('names of statements', () => {
  it('a statement has one from its second use on, and always the same', () => {
    const { nameOf } = createStatementNames()
    assert.equal(nameOf('select $1'), undefined)
    const name = nameOf('select $1')
    assert.ok(name)
    assert.equal(nameOf('select $1'), name)
    nameOf('select $1 + 1')
    assert.notEqual(nameOf('select $1 + 1'), name)
  })

  it('there are so many at most, and those that were given stay', () => {
    const { nameOf } = createStatementNames({ names: 1, candidates: 2 })
    for (const text of ['a', 'a', 'b', 'b', 'c', 'd', 'e']) nameOf(text)
    assert.ok(nameOf('a'))
    assert.equal(nameOf('b'), undefined)
  })

  it('it goes to both forms of a query with parameters, and to no other', () => {
    const { named } = createStatementNames()
    const callback = () => {}
    named(['select $1', [1]])
    const [config, last] = named(['select $1', [1], callback])
    assert.deepEqual(config, { text: 'select $1', values: [1], name: 'trainyard_1' })
    assert.equal(last, callback)
    assert.deepEqual(named([{ text: 'select $1', values: [2], name: undefined }]), [
      { text: 'select $1', values: [2], name: 'trainyard_1' },
    ])
    for (const args of [['begin'], ['begin'], [{ text: 'select 1', values: [] }], [{ text: 'x', values: [1], submit: callback }]])
      assert.deepEqual(named(args), args)
  })
})
