import { Problem } from '../../contracts/error-codes.ts'
import { didYouMean } from '../../validation/did-you-mean.ts'

/** Names that a message lists. */
const listedNames = 12

/** @throws Problem NOT_FOUND naming the parameters that the job trains, if this is none of them */
export const requireParameter = (id: string, known: readonly string[], asked: string): void => {
  if (known.includes(asked)) return
  const listed = known.slice(0, listedNames).join(', ')
  const more = known.length > listedNames ? ` and ${known.length - listedNames} more` : ''
  const message = `the job trains no parameter of this name, but ${listed}${more}${didYouMean(asked, known)}`
  throw new Problem('NOT_FOUND', `Job ${id}: there is no parameter ${asked}`, [
    { path: '/parameter', code: 'no_such_parameter', message, value: asked },
  ])
}
