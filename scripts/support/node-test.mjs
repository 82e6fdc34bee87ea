/**
 * `node:test` for compiled tests. While a group of files is being loaded, what a file says at its top level is kept, and said later within a suite
 * that is named after the file: so its hooks are its own, and its tests run when those of the file before have ended.
 */
import { rmSync, writeFileSync } from 'node:fs'
import real from 'node:test'

const names = ['describe', 'suite', 'it', 'test', 'before', 'after', 'beforeEach', 'afterEach']

// Bindings that change: once all files are loaded, tests call Node's own functions, which know where they were called.
export let { describe, suite, it, test, before, after, beforeEach, afterEach } = real

/** What a file may have besides what is kept. */
export const { mock } = real

/**
 * Runs files in this process, one after the other. One that cannot be loaded fails as a test, the others run all the same.
 * @param files path of the source, by which the suite is named, and address of the compiled file
 */
export const runFiles = async (files, { timeoutMs }) => {
  const suites = []
  for (const [path, address] of files) {
    const said = []
    use(Object.fromEntries(names.map((name) => [name, keep(name, said)])))
    try {
      await import(address)
    } catch (error) {
      said.splice(0, said.length, () => real.it('can be loaded', () => Promise.reject(error)))
    }
    suites.push({ path, said })
  }
  use(real)
  // What was running is still to be known if this process is ended.
  const mark = `${process.argv[1]}.running`
  process.on('exit', () => rmSync(mark, { force: true }))
  for (const { path, said } of suites)
    real.describe(path, { timeout: timeoutMs }, () => {
      real.before(() => writeFileSync(mark, path))
      for (const say of said) say()
    })
}

const use = (functions) => {
  ;({ describe, suite, it, test, before, after, beforeEach, afterEach } = functions)
}

const keep = (name, said) => {
  const kept =
    (of) =>
    (...args) =>
      void said.push(() => of(...args))
  const { skip, todo, only } = real[name]
  return Object.assign(kept(real[name]), skip && { skip: kept(skip), todo: kept(todo), only: kept(only) })
}
