import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { comparedTypes } from '../../support/compared-types.ts'

const root = resolve(import.meta.dirname, '../../..')

describe('type names of the catalog', () => {
  it('type names of the catalog are compared nowhere outside the catalog, whose entries say what sets them apart', async () => {
    const files = (await Promise.all(['src', 'workers'].map((folder) => sourcesOf(folder)))).flat()
    assert.ok(files.length > 250, `only ${files.length} files were read`)
    const found = await Promise.all(files.map(async (file) => comparedTypes(file, await readFile(join(root, file), 'utf8'))))
    // An operation of trainers has the name of a schedule.
    const others = found.flat().filter((place) => !/^workers\/engine\/trainer\/.*'step'/.test(place))
    assert.deepEqual(others, [])
  })

  const planted: Record<string, string> = {
    'an equality': "export const isHuber = (loss: { type: string }) => loss.type === 'huber'",
    'an inequality': "export const trains = (layer: { type: string }) => 'dropout' !== layer.type",
    'a case': "export const of = (type: string) => { switch (type) { case 'adamw': return 0; default: return 1 } }",
    'a list': "const moreIsBetter = ['accuracy', 'r2']",
    'a part of the name': "export const isMax = (config: { type: string }) => config.type.startsWith('max')",
  }
  for (const [how, text] of Object.entries(planted)) {
    it(`type names of the catalog are found where ${how} compares one`, () => {
      assert.equal(comparedTypes('planted.ts', text).length, 1)
    })
  }

  it('type names of the catalog may be keys of a table, and types of configs in examples', () => {
    const text = "const table = { dense: 1, conv2d: 2 } satisfies Record<string, number>\nconst example = { type: 'mse' }"
    assert.deepEqual(comparedTypes('planted.ts', text), [])
  })
})

/** No code that could compare: the catalog itself, what is generated, and the chapters, whose requests are examples. */
const left = /^src\/(catalog|generated|dashboard\/views\/learn\/chapters)\//

/** The TypeScript of a folder, without what is left out. */
const sourcesOf = async (folder: string): Promise<string[]> => {
  const names = await readdir(join(root, folder), { recursive: true })
  return names.map((name) => join(folder, name)).filter((file) => file.endsWith('.ts') && !left.test(file))
}
