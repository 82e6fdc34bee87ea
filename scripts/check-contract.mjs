#!/usr/bin/env node
/** `npm run check -- contract`: openapi.json is an OpenAPI document that Redocly's linter has nothing to say against. */
import { createConfig, formatProblems, lint } from '@redocly/openapi-core'
import { documentPath } from './support/openapi-document.mjs'

const config = await createConfig({
  extends: ['recommended-strict'],
  rules: {
    // If a running service is asked for it, the document names that address.
    'no-server-example.com': 'off',
    'no-unused-components': 'error',
  },
})
const problems = await lint({ ref: process.argv[2] ?? documentPath, config })
if (problems.length > 0) {
  formatProblems(problems, { format: 'codeframe', totals: { errors: problems.length, warnings: 0, ignored: 0 }, version: '' })
  process.exitCode = 1
}
