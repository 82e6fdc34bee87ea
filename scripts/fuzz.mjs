#!/usr/bin/env node
/** `npm run fuzz`: mutated requests against a running service. Options are in docs/testing.md. */
import { runLongTest } from './support/long-test.mjs'

await runLongTest('fuzz')
