#!/usr/bin/env node
/** Writes openapi.json anew; run it after a change of routes or schemas. */
import { writeFile } from 'node:fs/promises'
import { documentPath, writeDocument } from './support/openapi-document.mjs'

await writeFile(documentPath, await writeDocument())
console.log(`written: ${documentPath}`)
