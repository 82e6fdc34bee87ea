/** What `npm run bench` is told: read and checked before anything is measured, since measuring takes minutes. */
import { existsSync, readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { hasSection } from './tables.ts'

export type Options = {
  /** Names of the jobs to compare. */
  only: string[]
  rounds: number
  threads: number
  backend: string
  engine: string
  growth: boolean
  /** File that gets everything measured. */
  json: string | undefined
  /** Document that gets the tables, and the section that the comparison goes into. */
  write: string | undefined
  section: string
}

/** An option is wrong; the message says which and what would be right. */
export class OptionError extends Error {
  override readonly name = 'OptionError'
}

const backends = ['tensorflow', 'tensorflow-gpu', 'wasm', 'cpu']
const engines = ['graph', 'eager']

const read = (args: string[]) => {
  try {
    return parseArgs({
      args,
      options: {
        only: { type: 'string' },
        rounds: { type: 'string', default: '15' },
        threads: { type: 'string', default: String(os.availableParallelism()) },
        json: { type: 'string' },
        write: { type: 'string' },
        backend: { type: 'string', default: 'tensorflow' },
        engine: { type: 'string', default: 'graph' },
        growth: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error))
  }
}

const wholeNumber = (name: string, value: string, max: number): number => {
  const number = Number(value)
  if (/^\d+$/.test(value) && number >= 1 && number <= max) return number
  throw new OptionError(`--${name} is "${value}": it must be a whole number from 1 to ${max}`)
}

const oneOf = (name: string, value: string, allowed: readonly string[]): string => {
  if (allowed.includes(value)) return value
  throw new OptionError(`--${name} is "${value}": it must be one of ${allowed.join(', ')}`)
}

/** @param known names of the jobs that there are */
export const readOptions = (args: string[], known: readonly string[]): Options => {
  const values = read(args)
  const { growth, json, write } = values
  const only = values.only === undefined ? [...known] : values.only.split(',').map((name) => oneOf('only', name.trim(), known))
  const backend = oneOf('backend', values.backend, backends)
  const engine = oneOf('engine', values.engine, engines)
  const section = backend === 'wasm' ? 'webassembly' : 'comparison'
  const options = {
    ...{ only, backend, engine, growth, json, write, section },
    rounds: wholeNumber('rounds', values.rounds, 1000),
    threads: wholeNumber('threads', values.threads, 1024),
  }
  if (json !== undefined && !existsSync(path.dirname(path.resolve(json))))
    throw new OptionError(`--json is "${json}": there is no folder ${path.dirname(path.resolve(json))}`)
  if (write !== undefined) checkDocument(write, options, known)
  return options
}

/** A document's section holds every job, measured as the document says: part of that, or figures of something else, are not for it. */
const checkDocument = (
  file: string,
  { only, backend, engine, growth, section }: Omit<Options, 'write'>,
  known: readonly string[],
): void => {
  if (backend !== 'wasm' && (backend !== 'tensorflow' || engine !== 'graph'))
    throw new OptionError('--write keeps figures of graphs on tensorflow, and of wasm: leave out --write, --backend or --engine')
  if (new Set(only).size < known.length) throw new OptionError('--write keeps whole tables: leave out --write or --only')
  if (!existsSync(file)) throw new OptionError(`--write is "${file}": there is no such file`)
  const document = readFileSync(file, 'utf8')
  for (const name of [section, ...(growth ? ['growth'] : [])])
    if (!hasSection(document, name))
      throw new OptionError(`--write is "${file}": it has no section <!-- ${name} --> … <!-- end ${name} -->`)
}
