/**
 * The tests as JavaScript in dist/tests, beside the build that they then import: a process of the suite starts in half the
 * time that it takes to read TypeScript by hooks, and there are hundreds of them.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'
import { root } from './steps.mjs'

const options = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
  sourceMap: true,
}

/** Where the compiled form of a test lies, or of what tests import. */
export const compiledTest = (path) => join('dist', path.replace(/\.ts$/, '.js'))

/** Compiles everything under tests anew, and of the page, which the build bundles, its plain modules. Types are the business of `npm run check`. */
export const compileTests = () => {
  for (const folder of ['tests', 'src/dashboard']) {
    rmSync(join(root, 'dist', folder), { recursive: true, force: true })
    for (const path of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }))
      if (path.endsWith('.ts') && !path.endsWith('.d.ts')) compile(join(folder, path))
  }
}

const compile = (path) => {
  const source = join(root, path)
  const text = readFileSync(source, 'utf8')
    // Fixtures, scripts and the repository are found from where the source lies; both replacements leave lines as they are.
    .replaceAll('import.meta.dirname', JSON.stringify(dirname(source)))
    .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(source).href))
  const { outputText, sourceMapText } = ts.transpileModule(text, { compilerOptions: options, fileName: source })
  const target = join(root, compiledTest(path))
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, outputText)
  writeFileSync(`${target}.map`, JSON.stringify({ ...JSON.parse(sourceMapText), sources: [source] }))
}
