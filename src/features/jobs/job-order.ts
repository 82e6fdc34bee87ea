/** Orders of a list of jobs as requests name them, and the cursors between their pages. */
import { Problem } from '../../contracts/error-codes.ts'
import type { JobSort, SortedBy } from './job.ts'

/**
 * The order and where in it a page begins, of `-accuracy.last` and the cursor of the page before. `sort` has the form that its schema says.
 * @throws Problem VALIDATION_FAILED if the cursor is of another order
 */
export const toJobOrder = (sort: string | undefined, after: string | undefined): { sort?: JobSort; after?: string } => {
  const [id, bits, ...name] = after?.split('.') ?? []
  if (sort === undefined) {
    if (bits !== undefined) throw foreignCursor(after)
    return { after }
  }
  const [metric = '', of = 'best'] = sort.replace(/^-/, '').split('.')
  const order = { metric, of: of as JobSort['of'], descending: sort.startsWith('-') }
  if (id === undefined) return { sort: order }
  const value = bits === undefined ? Number.NaN : Buffer.from(bits, 'hex').readDoubleBE()
  if (!Number.isFinite(value) || name.join('.') !== nameOf(order)) throw foreignCursor(after)
  return { sort: { ...order, after: { value, id } } }
}

/** The cursor of the page after a job: its id, in a sorted list with the bits of its value and the order. */
export const cursorAfter = ({ id, sortedBy }: { id: string; sortedBy?: SortedBy }, sort: JobSort | undefined): string => {
  if (!sortedBy || !sort) return id
  const bits = Buffer.alloc(8)
  bits.writeDoubleBE(sortedBy.value)
  return `${id}.${bits.toString('hex')}.${nameOf(sort)}`
}

const nameOf = ({ metric, of, descending }: Pick<JobSort, 'metric' | 'of' | 'descending'>): string =>
  `${descending ? '-' : ''}${metric}.${of}`

const foreignCursor = (after: string | undefined): Problem =>
  new Problem('VALIDATION_FAILED', undefined, [
    { path: '/after', code: 'pattern', message: 'must be the nextCursor of a page in the same order', value: after },
  ])
