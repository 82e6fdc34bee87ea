#!/usr/bin/env node
/** `npm run gpu:check`: trains on this machine's GPU and compares. Options are those of bench/gpu-check.ts. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { findMissingPackage } from './support/install-state.mjs'
import { fail, requireNode, root } from './support/steps.mjs'

requireNode()
if (findMissingPackage({ withDevelopment: true })) fail('The packages are missing or out of date: run `npm ci`.')
const { status } = spawnSync(process.execPath, ['--import', 'tsx', join(root, 'bench', 'gpu-check.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  cwd: root,
})
process.exitCode = status ?? 1
