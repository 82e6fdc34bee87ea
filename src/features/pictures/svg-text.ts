/** Text of clients in an SVG. */

/** As XML wants it: no markup, and no character that XML does not have or that changes the order of others. */
export const escapeText = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\uFFFE\uFFFF]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')

/** At most so many characters, of which the last says that there were more. */
export const shorten = (text: string, length: number): string => {
  const characters = Array.from(text.slice(0, 2 * length + 2))
  return characters.length > length ? `${characters.slice(0, Math.max(1, length - 1)).join('')}…` : text
}
