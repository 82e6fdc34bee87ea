/** Pictures of a job's curves: /v1/jobs/{id}/loss.svg and loss.png */
import { Type } from 'typebox'
import { curveMetricSchema } from '../../api/curve.schema.ts'
import { type Theme, themes } from '../../features/pictures/palettes.ts'
import type { PictureService } from '../../features/pictures/picture.service.ts'
import { maxPictured, type PictureFormat, pictureFormats } from '../../features/pictures/picture.service.ts'
import { entityTag, isKnown } from '../entity-tags.ts'
import { answers, file, idParams, noContent, tagHeader } from '../schemas.ts'
import type { App } from '../types.ts'

/** Opened by itself, a picture runs nothing and loads nothing. */
const contentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

/** Seconds for which a picture is as good as a new one: while jobs run, and once they have ended. */
const freshSeconds = { running: 2, final: 60 }

export const addPictureRoutes = (app: App, { pictures }: { pictures: PictureService }): void => {
  for (const format of pictureFormats) {
    const { operationId, name, type, content } = formats[format]
    app.get(
      `/jobs/:id/loss.${format}`,
      {
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
            ['NOT_FOUND', 'VALIDATION_FAILED'],
          ),
        },
      },
      async (request, reply) => {
        const { job = [], ...query } = request.query
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
}

const pictureQuery = Type.Object(
  {
    metric: curveMetricSchema,
    width: Type.Integer({ minimum: 200, maximum: 2000, default: 640, description: 'Width in pixels.' }),
    height: Type.Integer({ minimum: 150, maximum: 2000, default: 360, description: 'Height in pixels.' }),
    log: Type.Boolean({ default: false, description: 'A logarithmic scale; values that are not above 0 are left out.' }),
    theme: Type.Unsafe<Theme>({ type: 'string', enum: themes, default: 'light', description: 'Dark on light, or light on dark.' }),
    job: Type.Optional(
      Type.Array(Type.String(), {
        maxItems: maxPictured,
        description: `Id of another job for the same picture; repeated for several, at most ${maxPictured} jobs in all.`,
      }),
    ),
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
