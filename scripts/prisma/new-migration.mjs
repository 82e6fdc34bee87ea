#!/usr/bin/env node
/**
 * Writes the migration that brings the database from what the migrations make to what prisma/schema.prisma says.
 *
 *   node scripts/prisma/new-migration.mjs add-sweeps
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail, root, say } from '../support/steps.mjs'
import { diffDatabase } from './schema-engine.mjs'
import { withMigratedDatabase } from './scratch-database.mjs'

const name = process.argv[2]
if (!name || !/^[a-z0-9]+([-_][a-z0-9]+)*$/.test(name)) fail('usage: node scripts/prisma/new-migration.mjs name-of-the-change')

const sql = await withMigratedDatabase((url) => diffDatabase({ url, schemaPath: join(root, 'prisma/schema.prisma') }))
if (!sql) {
  say('The migrations already make what the schema says.')
} else {
  const time = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  const folder = join('prisma/migrations', `${time}_${name.replaceAll('-', '_')}`)
  mkdirSync(join(root, folder))
  writeFileSync(join(root, folder, 'migration.sql'), `${sql}\n`)
  say(`wrote ${folder}/migration.sql: read it before you commit it`)
}
