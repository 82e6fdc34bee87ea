/** Levels of a second dataset that a job cannot take, since its own data has none such. */
import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { Plan } from '../../../contracts/plan.ts'
import type { PlannedDataset } from './planned-column.ts'
import { categoryPairs, recode, unknownCode } from './recoding.ts'

/** Levels that one validation error names. */
const namedLevels = 10

type Table = PlannedDataset & { id: string }

/** Of a plan with a second dataset. `levelsOf` reads all levels of a column; `path` is where the request names the second one. */
export const unknownLevelErrors = async (
  plan: Plan,
  [first, second]: readonly [Table, Table],
  levelsOf: (datasetId: string, position: number) => Promise<readonly string[]>,
  path: string,
): Promise<ValidationError[]> => {
  const { preprocessing } = plan.config
  const coded = new Set(preprocessing?.codes)
  const strict = categoryPairs(plan, first).filter(({ name, isLabel }) => isLabel || coded.has(name) || preprocessing?.unseen === 'error')
  const errors = strict.map(async (pair): Promise<ValidationError[]> => {
    const [known, own] = await Promise.all([levelsOf(first.id, pair.trained), levelsOf(second.id, pair.second)])
    const codes = recode(own, known)
    const unknown = own.filter((_, code) => codes[code] === unknownCode)
    if (unknown.length === 0) return []
    const named = unknown.slice(0, namedLevels).join(', ')
    const message = `column "${pair.name}" has ${unknown.length === 1 ? 'a level' : `${unknown.length} levels`} that the job's data lacks: ${named}${unknown.length > namedLevels ? ', …' : ''}`
    return [{ path, code: 'range', message, column: pair.name }]
  })
  return (await Promise.all(errors)).flat()
}
