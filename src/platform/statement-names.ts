/**
 * Names for the statements of a pool. PostgreSQL parses and plans a statement that has a name once for each connection; without
 * one it does so at every call, which costs more than most of ours take to run.
 */
import type pg from 'pg'

/** Names of one pool at most: each is kept, with its plan, by every connection that used it. */
const maxNames = 100
/** Statements that were met once, and might be met again. */
const maxCandidates = 500
/** A longer text is a list of things, another one each time. */
const maxText = 20_000

/**
 * Gives a statement a name from its second use on, as long as there are names left. What clients ask for can make any number of
 * different statements: those go without.
 */
export const createStatementNames = ({ names: maxNamed = maxNames, candidates: maxMet = maxCandidates } = {}) => {
  const names = new Map<string, string>()
  const met = new Set<string>()

  /** The name of a statement's text; undefined if it has none. */
  const nameOf = (text: string): string | undefined => {
    const known = names.get(text)
    if (known !== undefined || names.size >= maxNamed || text.length > maxText) return known
    if (!met.delete(text)) {
      if (met.size >= maxMet) met.clear()
      met.add(text)
      return undefined
    }
    const name = `trainyard_${names.size + 1}`
    names.set(text, name)
    return name
  }

  /** The arguments of a client's `query` with the statement's name. Only a statement with parameters is one by itself. */
  const named = (args: unknown[]): unknown[] => {
    const [config, given, ...rest] = args
    if (typeof config === 'string' && isParameters(given)) return withName({ text: config, values: given }, rest)
    if (isUnnamed(config)) return withName(config, args.slice(1))
    return args
  }

  const withName = (config: pg.QueryConfig, rest: unknown[]): unknown[] => {
    const name = nameOf(config.text)
    return [name === undefined ? config : { ...config, name }, ...rest]
  }

  return { nameOf, named }
}

export type StatementNames = ReturnType<typeof createStatementNames>

const isParameters = (values: unknown): values is unknown[] => Array.isArray(values) && values.length > 0

/** Not a stream of rows or the like, which is submitted as it is. */
const isUnnamed = (config: unknown): config is pg.QueryConfig & { values: unknown[] } =>
  typeof config === 'object' &&
  config !== null &&
  !('submit' in config) &&
  'text' in config &&
  typeof config.text === 'string' &&
  'values' in config &&
  isParameters(config.values) &&
  !('name' in config && config.name)
