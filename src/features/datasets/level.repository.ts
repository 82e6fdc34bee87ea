import type { PrismaClient } from '../../generated/prisma/client.ts'

/** Reads the levels of a dataset's categories and texts. */
export const createLevelRepository = ({ prisma }: { prisma: PrismaClient }) => {
  /** All levels of the column at a position, in the order of their codes. */
  const read = async (datasetId: string, column: number): Promise<string[]> => {
    const slices = await prisma.datasetLevels.findMany({
      where: { datasetId, column },
      orderBy: { index: 'asc' },
      select: { values: true },
    })
    return slices.flatMap(({ values }) => values)
  }

  return { read }
}

export type LevelRepository = ReturnType<typeof createLevelRepository>
