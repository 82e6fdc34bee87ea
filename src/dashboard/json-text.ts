/** JSON to look at and to copy. */

/** Characters that turn the order of the letters around them, so that a text reads as another one. */
const turning = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** As JSON.stringify writes it, with what turns letters around as an escape. */
export const toJson = (value: unknown, indent?: number): string =>
  (JSON.stringify(value, null, indent) ?? 'null').replace(
    turning,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
