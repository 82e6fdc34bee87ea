/** Finds type names of the catalog that code compares with: rules that belong to the entry of that type. */
import ts from 'typescript'
import { activationCatalog } from '../../src/catalog/activations.ts'
import { generatorCatalog } from '../../src/catalog/generators.ts'
import { initializerCatalog } from '../../src/catalog/initializers.ts'
import { layerCatalog } from '../../src/catalog/layers/all-layers.ts'
import { lossCatalog } from '../../src/catalog/losses/all-losses.ts'
import { metricCatalog } from '../../src/catalog/metrics.ts'
import { optimizerCatalog } from '../../src/catalog/optimizers/all-optimizers.ts'
import { scheduleCatalog } from '../../src/catalog/schedules.ts'
import { solverCatalog } from '../../src/catalog/solvers.ts'

const catalogs = [
  activationCatalog,
  generatorCatalog,
  initializerCatalog,
  layerCatalog,
  lossCatalog,
  metricCatalog,
  optimizerCatalog,
  scheduleCatalog,
  solverCatalog,
]
const typeNames = new Set(catalogs.flatMap((catalog) => Object.keys(catalog)))

const equality = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
])

/** What looks at a part of a name, as `config.type.startsWith('max')` does. */
const partOfType = /[.](type|kind)[?]?[.](startsWith|endsWith|includes|match|search|slice|substring|split)$/

/**
 * Places in a file's text where a type name of the catalog is compared: by `===`, as a `case`, as a member of a list to look
 * a type up in, or by a part of it. Names as keys of a table are not: the compiler sees when one is missing.
 */
export const comparedTypes = (file: string, text: string): string[] => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const isTypeName = (node: ts.Node): boolean => ts.isStringLiteralLike(node) && typeNames.has(node.text)
  const isComparison = (node: ts.Node): boolean => {
    if (ts.isBinaryExpression(node)) return equality.has(node.operatorToken.kind) && (isTypeName(node.left) || isTypeName(node.right))
    if (ts.isCaseClause(node)) return isTypeName(node.expression)
    if (ts.isArrayLiteralExpression(node)) return node.elements.some(isTypeName)
    return ts.isCallExpression(node) && partOfType.test(node.expression.getText(source))
  }
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (isComparison(node)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source))
      found.push(`${file}:${line + 1} ${node.getText(source).split('\n')[0]}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}
