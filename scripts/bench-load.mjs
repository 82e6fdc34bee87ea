#!/usr/bin/env node
/**
 * `npm run bench:load`: the service under load, with a table for each part and what is wanted of it. Minutes; it starts services of its own on
 * free ports, in folders that it removes, and needs a build (`npm run build`).
 *
 *   npm run bench:load -- --small                       # every part with little, about a minute on a quiet machine
 *   npm run bench:load -- --only queue --only history   # these parts: jobs, turns, queue, history, data, watchers, start, beside
 *   npm run bench:load -- --json FILE                   # what was measured, part by part as it goes
 *   npm run bench:load -- --from FILE --write docs/benchmarks.md     # the tables of such a file into a document
 *   npm run bench:load -- --python PYTHON               # the Python whose PyTorch is compared with
 */
import { findMissingPackage } from './support/install-state.mjs'
import { fail, requireNode } from './support/steps.mjs'

requireNode()
if (findMissingPackage({ withDevelopment: true })) fail('The packages are missing or out of date: run `npm ci`.')
const { main } = await import('../bench/load/main.mjs')
process.exitCode = await main(process.argv.slice(2))
