/** The counts of jobs in the rows of tenants, set right if anything ever wrote past the rules that keep them. */
import { activeStatuses } from '../../contracts/lifecycle.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Database } from '../../platform/db/database-client.ts'

const counts = Prisma.raw(activeStatuses.map((status) => `count(*) filter (where status = '${status}')::int as ${status}`).join(', '))
const sets = Prisma.raw(activeStatuses.map((status) => `${status} = counted.${status}`).join(', '))
const differ = Prisma.raw(
  `(${activeStatuses.map((status) => `tenant.${status}`).join(', ')}) <> (${activeStatuses.map((status) => `counted.${status}`).join(', ')})`,
)

/**
 * Counts the unfinished jobs of the next tenant after a name, '' for the first; gives where to go on, '' at the end, and whether the counts were
 * wrong. Whoever changes the count of that tenant waits meanwhile, so that both see all that the other did.
 */
export const recountTenant = ({ transaction }: Pick<Database, 'transaction'>, after: string): Promise<{ wrong: boolean; last: string }> =>
  transaction(async (tx) => {
    const [tenant] = await tx.$queryRaw<
      { name: string }[]
    >`select name from "Tenant" where name > ${after} order by name limit 1 for update`
    if (!tenant) return { wrong: false, last: '' }
    const changed = await tx.$executeRaw`
      update "Tenant" tenant set ${sets} from (
        select ${counts} from "JobIndex" where tenant = ${tenant.name} and status = any(${[...activeStatuses]})
      ) as counted where name = ${tenant.name} and ${differ}`
    return { wrong: changed > 0, last: tenant.name }
  })
