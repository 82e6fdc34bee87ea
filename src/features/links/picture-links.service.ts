/** Links to pictures that work without a key, for a time. */
import { Problem } from '../../contracts/error-codes.ts'
import type { Keyring } from '../keys/keyring.ts'
import type { PictureQuery, PictureService } from '../pictures/picture.service.ts'
import type { LinkRepository } from './link.repository.ts'
import { endOfLink, isSigned, signLink } from './link-token.ts'

type Collaborators = {
  links: LinkRepository
  pictures: Pick<PictureService, 'open'>
  keys: Pick<Keyring, 'knows'>
}

export const createPictureLinks = ({ links, pictures, keys }: Collaborators) => {
  let secret: Promise<Uint8Array> | undefined

  const readSecret = (): Promise<Uint8Array> => {
    secret ??= links.readSecret().catch((error: unknown) => {
      secret = undefined
      throw error
    })
    return secret
  }

  /**
   * A link to this picture alone.
   * @throws Problem NOT_FOUND naming every job that is not there, VALIDATION_FAILED if there are too many
   */
  const create = async (tenant: string, id: string, others: readonly string[], query: PictureQuery, expiresInSeconds: number) => {
    await pictures.open(tenant, id, others, query)
    const { format, ...shown } = query
    const parameters = new URLSearchParams()
    for (const [name, value] of Object.entries(shown)) parameters.append(name, String(value))
    for (const other of others) parameters.append('job', other)
    const path = pathOf(id, format)
    const expiresAt = new Date((Math.floor(Date.now() / 1000) + expiresInSeconds) * 1000)
    const token = signLink(await readSecret(), { path, parameters, tenant }, expiresAt)
    return { url: `${path}?${parameters}&token=${token}`, expiresAt: expiresAt.toISOString() }
  }

  /**
   * Whose picture a link shows.
   * @throws Problem UNAUTHENTICATED if the token was not made for this picture, has expired, or its tenant or job is gone
   */
  const tenantOf = async (id: string, format: PictureQuery['format'], search: string): Promise<string> => {
    const parameters = new URLSearchParams(search)
    const [token, ...more] = parameters.getAll('token')
    parameters.delete('token')
    const end = token === undefined || more.length > 0 ? null : endOfLink(token)
    if (token === undefined || end === null || !idPattern.test(id)) throw refused('is not one of this picture')
    if (end.getTime() <= Date.now()) throw refused(`expired at ${end.toISOString()}`)
    const tenant = await links.findTenant(id)
    if (tenant === null || !isSigned(await readSecret(), { path: pathOf(id, format), parameters, tenant }, token))
      throw refused('is not one of this picture')
    if (!(await keys.knows(tenant))) throw refused('is of a tenant that has no key any more')
    return tenant
  }

  return { create, tenantOf }
}

export type PictureLinks = ReturnType<typeof createPictureLinks>

const idPattern = /^job_[0-9a-z]{1,64}$/

const pathOf = (id: string, format: PictureQuery['format']): string => `/v1/jobs/${id}/loss.${format}`

const refused = (message: string): Problem =>
  new Problem('UNAUTHENTICATED', `The token ${message}: ask for a new link`, [{ path: '/token', code: 'unauthenticated', message }])
