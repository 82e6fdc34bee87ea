#!/usr/bin/env node
/** `npm run test:contract`: requests made of the OpenAPI document against a running service. Options are in docs/testing.md. */
import { runLongTest } from './support/long-test.mjs'

await runLongTest('contract')
