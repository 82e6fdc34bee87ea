/** The OpenAPI document as the routes of the sources say it, without a database or a running service. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { register } from 'tsx/esm/api'
import { root } from './steps.mjs'

/** Where the document is kept. */
export const documentPath = join(root, 'openapi.json')

/** The document as text, the way it is kept. */
export const writeDocument = async () => {
  register()
  const { buildApp } = await import('../../src/http/app.ts')
  const { createApiKeys } = await import('../../src/features/keys/api-keys.ts')
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  // No request is served but the document's own, so nothing behind the routes is needed.
  const metrics = { observe: () => {} }
  const app = await buildApp({
    services: {},
    keys: createApiKeys([]),
    checks: {},
    metrics,
    newId: () => 'req',
    bodyLimit: 2 ** 26,
    version,
  })
  const { body } = await app.inject({ url: '/openapi.json', headers: { host: '127.0.0.1:3000' } })
  await app.close()
  return `${JSON.stringify(JSON.parse(body), null, 2)}\n`
}
