/** Tags of answers, by which a client that has one need not be sent it again (RFC 9110, section 13.1.2). */
import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'

/** A tag for everything that an answer follows from, without its quotes. */
export const entityTag = (content: string): string => createHash('sha256').update(content).digest('base64url').slice(0, 22)

/** Whether the client has the answer with this tag, quotes included. */
export const isKnown = ({ headers }: FastifyRequest, tag: string): boolean =>
  (headers['if-none-match'] ?? '').split(',').some((known) => known.trim() === '*' || known.trim().replace(/^W\//, '') === tag)
