#!/usr/bin/env node
/**
 * Whether every file shows what it offers before how: no function that a file keeps to itself stands above one that
 * it exports. Types, classes and constants may. What runs while the file loads and needs a helper from below gets a
 * `function` declaration, which is there from the start.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import ts from 'typescript'

/** The tree that is read: this one unless another is given. */
const root = resolve(process.argv[2] ?? resolve(import.meta.dirname, '..'))
const checked = [
  'clients/typescript/src',
  'workers',
  'src/api',
  'src/catalog',
  'src/contracts',
  'src/dashboard',
  'src/features',
  'src/http',
  'src/numerics',
  'src/platform',
  'src/validation',
]

const isExported = (statement) => Boolean(statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))

/** Names of the functions that a top-level statement declares. */
const functionsOf = (statement) => {
  if (ts.isFunctionDeclaration(statement)) return [statement.name?.text ?? '']
  if (!ts.isVariableStatement(statement)) return []
  return statement.declarationList.declarations
    .filter(({ initializer }) => initializer && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer)))
    .map(({ name }) => name.getText())
}

/** Helpers above an exported function, each with its line; none in a file that exports no function. */
const helpersAbove = (file) => {
  const source = ts.createSourceFile(file, readFileSync(resolve(root, file), 'utf8'), ts.ScriptTarget.Latest, true)
  const { statements } = source
  const last = statements.findLastIndex((statement) => isExported(statement) && functionsOf(statement).length > 0)
  return statements
    .slice(0, Math.max(0, last))
    .filter((statement) => !isExported(statement))
    .flatMap((statement) => functionsOf(statement).map((name) => `${file}:${lineOf(source, statement)} ${name}`))
}

const lineOf = (source, node) => source.getLineAndCharacterOfPosition(node.getStart()).line + 1

const files = checked
  .filter((folder) => existsSync(resolve(root, folder)))
  .flatMap((folder) => readdirSync(resolve(root, folder), { recursive: true }).map((path) => `${folder}/${path}`))
  .filter((path) => /(?<!\.d)\.tsx?$/.test(path))
  .sort()
const found = files.flatMap(helpersAbove)
console.log(`${files.length} files read`)
if (found.length > 0) {
  console.error(`Helpers that stand above an exported function of their file:\n${found.join('\n')}`)
  process.exitCode = 1
}
