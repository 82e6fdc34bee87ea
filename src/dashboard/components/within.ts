import { createContext } from 'preact'

/**
 * What cards and charts are part of, such as "of step 3": told after their headings to those who hear the page, so that those of
 * several parts with the same heading are told apart.
 */
export const Within = createContext('')
