#!/usr/bin/env node
/**
 * Uploads every file of a folder that looks like a table to a running service, as it is, and prints what became of each as a
 * table of Markdown: `node bench/shipped-tables.mjs http://127.0.0.1:3000 FOLDER`. A folder of tables is that of vega-datasets.
 */
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'

const [url, folder] = process.argv.slice(2)
if (!url || !folder) {
  console.error('node bench/shipped-tables.mjs URL FOLDER')
  process.exit(1)
}

/** What a file is sent as, by the end of its name. */
const types = {
  '.csv': 'text/csv',
  '.tsv': 'text/tab-separated-values',
  '.json': 'application/json',
  '.parquet': 'application/vnd.apache.parquet',
  '.arrow': 'application/vnd.apache.arrow.file',
}

/** `2 number, 1 category` */
const describe = (columns) => {
  const counts = new Map()
  for (const { type, role } of columns) {
    const kind = role === 'ignored' ? 'ignored' : type
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')
}

const inCell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ').slice(0, 200)

const upload = async (name) => {
  const started = performance.now()
  const body = await readFile(join(folder, name))
  const answer = await fetch(`${url}/v1/datasets`, { method: 'POST', headers: { 'content-type': types[extname(name)] }, body })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const said = await answer.json()
  if (answer.status === 201) {
    const missing = said.columns.reduce((sum, column) => sum + (column.missing ?? 0), 0)
    const notes = (said.notes ?? []).map(({ column, message }) => `${column ?? ''}: ${message}`)
    return { row: [name, said.rows, describe(said.columns), missing, seconds, inCell(notes[0] ?? '')], isStored: true }
  }
  const [error] = said.errors ?? []
  const why = error ? `${error.path} ${error.message}` : (said.detail ?? said.title)
  return { row: [name, '', `${answer.status} ${said.code}`, '', seconds, inCell(why)], isStored: false }
}

const names = (await readdir(folder)).filter((name) => extname(name) in types).sort()
console.log('| file | rows | columns | missing | s | first note, or why not |\n|---|---|---|---|---|---|')
let stored = 0
for (const name of names) {
  const { row, isStored } = await upload(name)
  stored += Number(isStored)
  console.log(`| ${row.join(' | ')} |`)
}
console.log(`\n${stored} of ${names.length} are stored.`)
