/** Inference requests in PostgreSQL (the table `Call`), the API's side: write one, read its answer, clear it away. */

import { toJsonText } from '../../api/write-json.ts'
import type { InferenceAnswer, InferenceKind, InferenceTypes } from '../../contracts/inference.ts'
import type { Database } from '../../platform/db/database-client.ts'

export const createInferenceRepository = ({ prisma, checkConnects }: Database) => {
  const insert = async <Kind extends InferenceKind>(id: string, kind: Kind, request: InferenceTypes[Kind]['request']): Promise<void> => {
    await prisma.$executeRaw`insert into "Call" (id, kind, request) values (${id}, ${kind}, ${await toJsonText(request)}::jsonb)`
  }

  /** The answer, or null while there is none. */
  const answer = async <Kind extends InferenceKind>(id: string): Promise<InferenceAnswer<Kind> | null> => {
    const row = await prisma.inferenceRequest.findUnique({ where: { id }, select: { response: true } })
    return (row?.response ?? null) as InferenceAnswer<Kind> | null
  }

  const remove = async (id: string): Promise<void> => {
    await prisma.inferenceRequest.deleteMany({ where: { id } })
  }

  return { insert, answer, remove, checkConnects }
}

export type InferenceRepository = ReturnType<typeof createInferenceRepository>
