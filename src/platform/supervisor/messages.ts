/** Set for a process that is to load its code, and then to wait for its environment. */
export const preloading = 'TRAINYARD_PRELOADING'

/** What a supervisor tells such a process, and what it starts with then. */
export type EnvironmentMessage = { environment: Readonly<Record<string, string | undefined>> }
