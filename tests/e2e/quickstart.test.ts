/** `npm run quickstart -- --once`: what a newcomer types first prints what the notebook prints, and ends. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { cleanEnvironment, root } from '../support/e2e/product.ts'

test('the quickstart trains the notebook over HTTP, prints each epoch, weights, gradients and errors, and exits', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-quickstart-'))
  try {
    const text = await new Promise<string>((done, failed) => {
      execFile(
        process.execPath,
        ['scripts/quickstart.mjs', '--once'],
        { cwd: root, env: cleanEnvironment({ DATA_DIR: folder, PORT: '0' }) },
        (error, out, err) => (error ? failed(new Error(`${error.message}\n${out}\n${err}`)) : done(out)),
      )
    })
    const losses = [...text.matchAll(/epoch (\d+), loss (\d+\.\d{6})/g)]
    assert.deepEqual(
      losses.map((match) => match[1]),
      ['1', '2', '3'],
      text,
    )
    assert.ok(Number(losses[2]?.[2]) < 2e-4)
    for (const said of [/weight/i, /bias/i, /gradient/i, /estimat/i, /http:\/\/\S+\/docs/]) assert.match(text, said)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
})
