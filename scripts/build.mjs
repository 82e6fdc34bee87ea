#!/usr/bin/env node
/** `npm run build`: the database client out of the schema, then JavaScript and the page in dist, and the client in clients/typescript/dist. Does nothing when all is up to date. */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { generateClient } from './prisma/generate-client.mjs'
import { buildClient } from './support/build-client.mjs'
import { buildDashboard } from './support/build-dashboard.mjs'
import { isBuilt, markBuilt, takeFingerprint } from './support/build-state.mjs'
import { bundleEntries } from './support/bundle-entries.mjs'
import { bundlePackages, importBundles } from './support/bundle-packages.mjs'
import { findMissingPackage } from './support/install-state.mjs'
import { fail, requireNode, root, say, withProgress } from './support/steps.mjs'
import { transpile } from './support/transpile.mjs'

const step = async (message, work) => {
  const { code, output } = await withProgress(message, work)
  if (code !== 0) fail(`${output.trim()}\nThe build failed while ${message}.`)
}

const folders = ['src', 'workers', 'bench']

const compile = async () => {
  try {
    await transpile(folders, importBundles)
    return { code: 0, output: '' }
  } catch (error) {
    return { code: 1, output: error.message }
  }
}

/** Removes what was built of sources that are gone, which could still be imported. */
const prune = (folder) => {
  for (const entry of readdirSync(join(root, 'dist', folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) prune(path)
    else if (/\.js(\.map)?$/.test(path) && !existsSync(join(root, path.replace(/\.js(\.map)?$/, '.ts')))) rmSync(join(root, 'dist', path))
  }
}

requireNode()
const missing = findMissingPackage({ withDevelopment: true })
if (missing) fail(`The packages are not what package-lock.json says (${missing}): run \`npm ci\` first.`)
if (isBuilt()) {
  say('dist is up to date')
} else {
  rmSync(join(root, 'dist/.inputs'), { force: true })
  const inputs = takeFingerprint()
  await step('generating the database client', generateClient)
  // The client by the way, on another core.
  const client = buildClient()
  await step('compiling', compile)
  await step('bundling packages', bundlePackages)
  await step('bundling processes', bundleEntries)
  await step('bundling the page', buildDashboard)
  await step('building the client', () => client)
  for (const folder of folders) prune(folder)
  markBuilt(inputs)
}
