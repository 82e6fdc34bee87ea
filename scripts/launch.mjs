#!/usr/bin/env node
/** `npm start`, `npm run start:api`, `npm run start:worker`: runs a role from dist, or says what has to be done first. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isBuilt } from './support/build-state.mjs'
import { findMissingPackage } from './support/install-state.mjs'
import { watchNpm } from './support/parent.mjs'
import { fail, requireNode, root } from './support/steps.mjs'

const roles = { start: 'src/start.js', server: 'src/server.js', worker: 'workers/worker.js' }

requireNode()
const entry = roles[process.argv[2]]
if (!entry) fail(`usage: node scripts/launch.mjs ${Object.keys(roles).join('|')}`)
if (findMissingPackage({ withDevelopment: false })) fail('The packages are missing or out of date: run `npm ci` and then `npm run build`.')
if (!isBuilt()) fail('There is no build of these sources: run `npm run build`.')
// As a signal would: the role ends in order.
watchNpm(() => process.kill(process.pid, 'SIGTERM'))
await import(pathToFileURL(join(root, 'dist', entry)).href)
