#!/usr/bin/env node
/** Prints as JSON the Redis that tests may start: `{command, libraries?}`. Unpacks one if none is installed. */
import { provideRedisProgram } from './support/redis-server.mjs'
import { fail } from './support/steps.mjs'

console.log(JSON.stringify(await provideRedisProgram().catch((error) => fail(error.message))))
