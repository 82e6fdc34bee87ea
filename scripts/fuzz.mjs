#!/usr/bin/env node
/** `npm run fuzz`: mutated requests against a running service. Options are those of tests/fuzz/options.ts. */
import { runLongTest } from './support/long-test.mjs'

await runLongTest('fuzz')
