/** Tokens of signed links: when they end, and a signature over that and over what they are for. */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a token is for: a path, the parameters behind it, and whose things it shows. */
export type LinkTarget = { path: string; parameters: URLSearchParams; tenant: string }

/** `END.SIGNATURE`: the end in seconds since 1970, in base 36, and HMAC-SHA256 as base64url. */
export const signLink = (secret: Uint8Array, target: LinkTarget, expiresAt: Date): string => {
  const end = Math.floor(expiresAt.getTime() / 1000).toString(36)
  return `${end}.${signature(secret, target, end).toString('base64url')}`
}

/** When a token ends, whether or not it was ever signed; null if it is no token. */
export const endOfLink = (token: string): Date | null => {
  const [, end] = tokenPattern.exec(token) ?? []
  return end === undefined ? null : new Date(Number.parseInt(end, 36) * 1000)
}

/** Whether the token was signed for this target; the time that it takes says nothing about the signature. */
export const isSigned = (secret: Uint8Array, target: LinkTarget, token: string): boolean => {
  const [, end, signed] = tokenPattern.exec(token) ?? []
  return end !== undefined && signed !== undefined && timingSafeEqual(signature(secret, target, end), Buffer.from(signed, 'base64url'))
}

const tokenPattern = /^([0-9a-z]{1,8})\.([\w-]{43})$/

/** The order of the parameters is left out, since what a link passes through may change it. */
const signature = (secret: Uint8Array, { path, parameters, tenant }: LinkTarget, end: string): Buffer => {
  const sorted = new URLSearchParams(parameters)
  sorted.sort()
  return createHmac('sha256', secret)
    .update(JSON.stringify([path, sorted.toString(), tenant, end]))
    .digest()
}
