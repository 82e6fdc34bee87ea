/** What signed links are checked by, in PostgreSQL, so that every API process knows the links of every other. */
import { randomBytes } from 'node:crypto'
import { must } from '../../numerics/must.ts'
import type { Database } from '../../platform/db/database-client.ts'

export const createLinkRepository = ({ prisma }: Pick<Database, 'prisma'>) => {
  /** The secret that links are signed with; whoever needs it first makes it. */
  const readSecret = async (): Promise<Uint8Array> => {
    await prisma.$executeRaw`insert into "Secret" (name, bytes) values (${secretName}, ${randomBytes(32)}) on conflict (name) do nothing`
    const rows = await prisma.$queryRaw<{ bytes: Uint8Array }[]>`select bytes from "Secret" where name = ${secretName}`
    return must(rows, 0).bytes
  }

  /** Whose job it is; null if there is none. */
  const findTenant = async (jobId: string): Promise<string | null> =>
    (await prisma.job.findUnique({ where: { id: jobId }, select: { tenant: true } }))?.tenant ?? null

  return { readSecret, findTenant }
}

export type LinkRepository = ReturnType<typeof createLinkRepository>

const secretName = 'links'
