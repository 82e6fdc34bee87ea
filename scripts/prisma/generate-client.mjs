import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from '../support/steps.mjs'

/** Writes the database client where the schema says. @returns {Promise<{ code: number, output: string }>} */
export const generateClient = (schemaPath = join(root, 'prisma/schema.prisma')) =>
  run(process.execPath, [join(root, 'node_modules/prisma/build/index.js'), 'generate', '--no-hints', '--schema', schemaPath], {
    env: environment(),
    quiet: true,
  })

/** Prisma's CLI looks for an engine that `generate` never starts, and would download it: any program will do. */
const environment = () => ({
  ...process.env,
  PRISMA_SCHEMA_ENGINE_BINARY: existsSync('/bin/true') ? '/bin/true' : '/usr/bin/true',
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
  CHECKPOINT_DISABLE: '1',
})
