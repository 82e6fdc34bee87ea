#!/usr/bin/env node
/** `npm run psql`, `npm run backup`, `npm run restore`: the database from the command line, or what has to be done first. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isBuilt } from './support/build-state.mjs'
import { findMissingPackage } from './support/install-state.mjs'
import { fail, requireNode, root } from './support/steps.mjs'

requireNode()
if (findMissingPackage({ withDevelopment: false })) fail('The packages are missing or out of date: run `npm ci` and then `npm run build`.')
if (!isBuilt()) fail('There is no build of these sources: run `npm run build`.')
await import(pathToFileURL(join(root, 'dist/src/database.js')).href)
