#!/usr/bin/env node
/** `npm run check -- prisma`: a database made by the migrations is what the schema says, and so is the generated client. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateClient } from './prisma/generate-client.mjs'
import { diffDatabase } from './prisma/schema-engine.mjs'
import { withMigratedDatabase } from './prisma/scratch-database.mjs'
import { root } from './support/steps.mjs'

const errors = []

const missingSql = await withMigratedDatabase((url) => diffDatabase({ url, schemaPath: join(root, 'prisma/schema.prisma') }))
if (missingSql)
  errors.push(
    `The migrations do not make what prisma/schema.prisma says: run \`node scripts/prisma/new-migration.mjs NAME\`. What is missing:\n${missingSql}`,
  )

const scratch = mkdtempSync(join(tmpdir(), 'trainyard-client-'))
try {
  // The schema names the output relative to itself.
  cpSync(join(root, 'prisma/schema.prisma'), join(scratch, 'prisma/schema.prisma'), { recursive: true })
  const { code, output } = await generateClient(join(scratch, 'prisma/schema.prisma'))
  if (code !== 0) errors.push(`prisma generate failed:\n${output}`)
  else errors.push(...compareClients(join(scratch, 'src/generated/prisma'), join(root, 'src/generated/prisma')))
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

for (const invalid of errors) console.error(invalid)
process.exit(errors.length === 0 ? 0 : 1)

function compareClients(fresh, present) {
  const filesOf = (folder) =>
    existsSync(folder)
      ? readdirSync(folder, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
      : []
  const names = new Set([...filesOf(fresh), ...filesOf(present)])
  const read = (folder, name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : undefined)
  const different = [...names].filter((name) => read(fresh, name) !== read(present, name))
  return different.length === 0
    ? []
    : [`src/generated is not what prisma/schema.prisma says (${different.join(', ')}): run \`npm run build\`.`]
}
