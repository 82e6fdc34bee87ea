#!/usr/bin/env node
/** `npm run check -- openapi`: openapi.json is what the routes say. */
import { readFile } from 'node:fs/promises'
import { documentPath, writeDocument } from './support/openapi-document.mjs'

const kept = await readFile(documentPath, 'utf8').catch(() => '')
if (kept !== (await writeDocument())) {
  console.error('openapi.json is not what the routes say: run `node scripts/openapi.mjs` and commit it.')
  process.exitCode = 1
}
