/**
 * Prisma's schema engine as WebAssembly, over the same driver adapter that the product uses. The CLI's `migrate diff`
 * wants an engine binary from a host that closed networks don't reach; this needs npm packages alone.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'

/** PostgreSQL's internal type "char", which catalog tables are full of, and text. */
const charOid = 18
const textOid = 25
/** The driver adapters' number for "one character". */
const characterColumn = 6

/**
 * SQL that turns the database at `url` into what the Prisma schema says; empty when they agree.
 * @param {{ url: string, schemaPath: string }} options
 * @returns {Promise<string>}
 */
export const diffDatabase = async ({ url, schemaPath }) => {
  const engine = await openSchemaEngine(url)
  const files = [{ path: schemaPath, content: readFileSync(schemaPath, 'utf8') }]
  try {
    const { stdout } = await engine.diff({
      // Means "the database behind the adapter": of the schema only the provider is read.
      from: { tag: 'schemaDatasource', files, configDir: dirname(schemaPath) },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    })
    const sql = stdout?.trim() ?? ''
    return sql === '-- This is an empty migration.' ? '' : sql
  } finally {
    engine.free()
  }
}

const openSchemaEngine = async (url) => {
  const folder = dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'))
  const bindings = await import(pathToFileURL(join(folder, 'schema_engine_bg.js')).href)
  const module = readFileSync(join(folder, 'schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(module, { './schema_engine_bg.js': bindings })
  bindings.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start?.()
  // The engine looks up this name to say why it panicked.
  globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => process.stderr.write(`${message}\n`) }

  const factory = new PrismaPg({ connectionString: url })
  return bindings.SchemaEngine.new({ datamodels: undefined }, () => {}, bindMigrationAwareSqlAdapterFactory(readingCharColumns(factory)))
}

/** The adapter refuses columns of type "char", which the engine reads from PostgreSQL's catalog: passes them as characters. */
const readingCharColumns = (adapter) =>
  new Proxy(adapter, {
    get: (target, key) => {
      const member = target[key]
      if (key === 'connect' || key === 'connectToShadowDb' || key === 'startTransaction')
        return async (...args) => readingCharColumns(await member.apply(target, args))
      if (key === 'queryRaw') return (query) => queryCharColumns(target, query)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })

const queryCharColumns = async (adapter, query) => {
  const { client } = adapter
  let charColumns = []
  // Shadows the method for this one query: the adapter maps types right after it.
  client.query = async (...args) => {
    const result = await Object.getPrototypeOf(client).query.apply(client, args)
    charColumns = (result.fields ?? []).flatMap((field, index) => (field.dataTypeID === charOid ? [index] : []))
    for (const index of charColumns) result.fields[index].dataTypeID = textOid
    return result
  }
  try {
    const result = await adapter.queryRaw(query)
    for (const index of charColumns) result.columnTypes[index] = characterColumn
    return result
  } finally {
    delete client.query
  }
}
