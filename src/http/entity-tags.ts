/** Tags of answers, by which a client that has one need not be sent it again (RFC 9110, section 13.1.2). */
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** A tag for everything that an answer follows from, without its quotes. */
export const entityTag = (content: string): string => createHash('sha256').update(content).digest('base64url').slice(0, 22)

/** Whether the client has the answer with this tag, quotes included. */
export const isKnown = ({ headers }: FastifyRequest, tag: string): boolean =>
  (headers['if-none-match'] ?? '').split(',').some((known) => known.trim() === '*' || known.trim().replace(/^W\//, '') === tag)

/**
 * Sends a resource of this version with a tag of that, or an empty 304 to a client that has it; `mediaType` if it is another than JSON. `isKept` is
 * false of an answer that was waited for: a browser lets equal requests wait for each other if what they get may be kept.
 */
export const sendTagged = (
  request: FastifyRequest,
  reply: FastifyReply,
  { version, resource, mediaType, isKept = true }: { version: unknown; resource: object; mediaType: string | undefined; isKept?: boolean },
) => {
  const tag = `"${entityTag(JSON.stringify(version))}"`
  reply.headers({ etag: tag, 'cache-control': isKept ? 'private, no-cache' : 'no-store' })
  if (isKnown(request, tag)) return reply.code(304).send()
  if (mediaType !== undefined) reply.type(mediaType)
  return reply.send(resource)
}
