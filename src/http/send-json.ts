import type { FastifyReply } from 'fastify'
import { toJsonText } from '../api/typed-json.ts'

/** Answers with JSON of a value that may hold typed arrays of any length. */
export const sendJson = async (reply: FastifyReply, value: unknown): Promise<FastifyReply> =>
  reply.type('application/json; charset=utf-8').send(await toJsonText(value))
