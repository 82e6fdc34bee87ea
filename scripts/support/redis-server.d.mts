/** What a test needs to start a server: the program, and where its libraries lie if not where the system looks. */
export type RedisProgram = { command: string; libraries?: string }
export const findRedisProgram: () => RedisProgram | undefined
/** Finds a Redis or unpacks Debian's. @throws saying how to get one */
export const provideRedisProgram: () => Promise<RedisProgram>
/** Environment in which the program finds its libraries. */
export const redisEnvironment: (program: RedisProgram) => NodeJS.ProcessEnv
