import { Problem } from '../../contracts/error-codes.ts'

/** The refusal to delete what models stand for. */
export const aliased = (what: string, names: readonly string[]): Problem => {
  const models = names.map((name) => `"${name}"`).join(', ')
  return new Problem(
    'CONFLICT',
    `${what} is what the model${names.length > 1 ? 's' : ''} ${models} predict${names.length > 1 ? '' : 's'} with: switch or delete it first`,
  )
}
