/** Pictures of a job's curves, and links to them: /v1/jobs/{id}/loss.svg, /v1/jobs/{id}/loss.png, /v1/jobs/{id}/links */
import { Type } from 'typebox'
import { CreatePictureLinkSchema, type PictureFormat, PictureLinkSchema, pictureFields, pictureFormats } from '../../api/picture.schema.ts'
import { ref } from '../../catalog/ref.ts'
import type { PictureLinks } from '../../features/links/picture-links.service.ts'
import type { PictureService } from '../../features/pictures/picture.service.ts'
import { entityTag, isKnown } from '../entity-tags.ts'
import { answer, answers, bodyProblems, file, idempotencyHeaders, idParams, keyProblems, noContent, tagHeader } from '../schemas.ts'
import type { App } from '../types.ts'

/** Opened by itself, a picture runs nothing and loads nothing. */
const contentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

/** Seconds for which a picture is as good as a new one: while jobs run, and once they have ended. */
const freshSeconds = { running: 2, final: 60 }

export const addPictureRoutes = (app: App, { pictures, links }: { pictures: PictureService; links: PictureLinks }): void => {
  for (const format of pictureFormats) {
    const { operationId, name, type, content } = formats[format]
    app.get(
      `/jobs/:id/loss.${format}`,
      {
        config: { picture: format },
        schema: {
          operationId,
          tags: ['results'],
          summary: `Get a picture of a job's loss or of another number of its epochs, as ${name}`,
          description:
            'What is there now; a job without epochs gives a picture that says so. A curve is named by `metadata.name`, else by the id of its job.',
          params: idParams('job', 'job_01kaf3m5d9v0q8c1x2y3z4w5a6'),
          querystring: pictureQuery,
          response: answers(
            {
              200: { description: 'The picture.', headers: tagHeader, content },
              304: noContent('Nothing has changed since the picture whose `ETag` was sent as `If-None-Match`.'),
            },
            ['NOT_FOUND'],
          ),
        },
      },
      async (request, reply) => {
        const { job = [], token: _, ...query } = request.query
        const { version, final, draw } = await pictures.open(request.tenant, request.params.id, job, { ...query, format })
        const tag = `"${entityTag(version)}"`
        const headers = {
          etag: tag,
          'cache-control': `private, max-age=${freshSeconds[final ? 'final' : 'running']}`,
          'content-security-policy': contentSecurityPolicy,
          'x-content-type-options': 'nosniff',
        }
        if (isKnown(request, tag)) return reply.code(304).headers(headers).send()
        // Drawn first: a picture that cannot be had is no picture that is fresh for a while.
        const picture = await draw()
        return reply.headers(headers).type(type).send(picture)
      },
    )
  }

  app.post(
    '/jobs/:id/links',
    {
      schema: {
        operationId: 'createPictureLink',
        tags: ['results'],
        summary: 'Make a link to a picture that works without a key, for a time',
        description:
          'The link shows this picture of these jobs and nothing else, to everybody who has it, as the jobs are then. It ends with its time, with the job, and with the last key of the tenant.',
        params: idParams('job', 'job_01kaf3m5d9v0q8c1x2y3z4w5a6'),
        headers: idempotencyHeaders,
        body: ref(CreatePictureLinkSchema),
        response: answers({ 200: answer('The link.', ref(PictureLinkSchema)) }, ['NOT_FOUND', ...bodyProblems, ...keyProblems]),
      },
    },
    async (request) => {
      const { job = [], expiresInSeconds, ...query } = request.body
      return links.create(request.tenant, request.params.id, job, query, expiresInSeconds)
    },
  )
}

const pictureQuery = Type.Object(
  {
    ...pictureFields,
    token: Type.Optional(Type.String({ maxLength: 100, description: 'Of a link to this picture, instead of a key.' })),
  },
  { additionalProperties: false },
)

const example = '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360">…</svg>'

const formats: Record<PictureFormat, { operationId: string; name: string; type: string; content: object }> = {
  svg: {
    operationId: 'getLossPicture',
    name: 'SVG',
    type: 'image/svg+xml; charset=utf-8',
    content: { 'image/svg+xml': { schema: Type.String({ examples: [example] }) } },
  },
  png: {
    operationId: 'getLossPng',
    name: 'PNG',
    type: 'image/png',
    content: { 'image/png': file('The same picture in pixels. Characters other than Latin, Greek and Cyrillic are empty boxes.') },
  },
}
