#!/usr/bin/env node
/** `npm run test:chaos`: everything that can die does, while clients submit jobs. Options are those of tests/chaos/options.ts. */
import { runLongTest } from './support/long-test.mjs'

await runLongTest('chaos')
