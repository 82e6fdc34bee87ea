/** What axe finds wrong with a page for those who do not see it, or not well. */
import assert from 'node:assert/strict'
import axe from 'axe-core'
import type { Page } from 'playwright-core'

type Violation = { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }

/** The same in the light and in the dark theme: the page is only asked to change its colors, not loaded again. */
export const assertAccessibleInBoth = async (page: Page, name: string): Promise<void> => {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await assertAccessible(page, `${name}, ${colorScheme}`)
  }
}

/** Fails with every violation of the page as it is now. */
export const assertAccessible = async (page: Page, name: string): Promise<void> => {
  // Not as a script of the page, since its Content-Security-Policy lets in none but the service's.
  await page.evaluate(axe.source)
  const violations = (await page.evaluate('axe.run(document).then(({violations}) => violations)')) as Violation[]
  const shown = violations.map(
    ({ id, help, nodes }) => `${id}: ${help}\n${nodes.map((node) => `  ${node.html}\n  ${node.failureSummary}`).join('\n')}`,
  )
  assert.deepEqual(shown, [], name)
}
