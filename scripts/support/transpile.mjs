/**
 * TypeScript as JavaScript in dist, file by file and with source maps, by esbuild: a tenth of what the compiler takes, which would read all types
 * first. Types are the business of `npm run check`.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './steps.mjs'

/** Where the JavaScript of a source lies, as a path from the root. */
export const transpiledPath = (path) => join('dist', path.replace(/\.ts$/, '.js'))

/**
 * Transpiles every TypeScript file of these folders, given as paths from the root.
 * @param change what else becomes of a file's text, without a change of its lines: `(text, path) => text`
 */
export const transpile = async (folders, change = (text) => text) => {
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    entryPoints: folders.flatMap(sourcesIn),
    absWorkingDir: root,
    outbase: root,
    outdir: join(root, 'dist'),
    bundle: false,
    format: 'esm',
    platform: 'node',
    target: 'es2023',
    charset: 'utf8',
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'silent',
    write: false,
  })
  const folder = join(root, 'dist')
  for (const made of new Set(outputFiles.map(({ path }) => dirname(path)))) mkdirSync(made, { recursive: true })
  for (const { path, text } of outputFiles)
    writeFileSync(path, path.endsWith('.map') ? text : change(nameOutputs(text), path.slice(folder.length + 1).replace(/\.js$/, '.ts')))
}

const sourcesIn = (folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .map((path) => join(folder, path))

/** Imports of other sources, as esbuild prints them, then name what becomes of those. */
const nameOutputs = (text) =>
  text.replaceAll(/(^import |^(?:import|export) [^"\n]+ from |^\} from |\bimport\()("\.{1,2}\/[^"\n]*)\.ts"/gm, '$1$2.js"')
