/**
 * The dependency rules of docs/architecture.md, one name a sentence. tests/unit/architecture.test.ts plants a violation of
 * each and expects it to be caught under that name.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */

const entries =
  '^(src/(start|server|database|[^/]+[.]thread)|src/http/bodies/body[.]worker|workers/worker|workers/(training|inference)/[^/]*child[^/]*)[.]ts$'
const product = '^(src|workers)/'
const typesAreFine = ['type-only']

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

module.exports = {
  forbidden: [
    rule('no-circles', 'Imports form no circle.', { pathNot: 'src/generated' }, { circular: true }),
    rule(
      'no-dangling-import',
      'Every import resolves.',
      {},
      { couldNotResolve: true, pathNot: '(@tensorflow/tfjs-node|^[.].*[.]gen[.]ts|generated/api[.]d[.]ts)' },
    ),
    rule(
      'numerics-are-leaves',
      'src/numerics is pure maths: it imports nothing of ours.',
      { path: '^src/numerics' },
      { path: product, pathNot: '^src/numerics' },
    ),
    rule(
      'library-is-below-features',
      'The training library, the wire schemas, validation and the contracts import only each other and the pure maths below them.',
      { path: '^src/(catalog|api|validation|contracts)/' },
      { path: product, pathNot: '^src/(catalog|api|validation|contracts|numerics)/' },
    ),
    rule(
      'catalog-knows-no-requests',
      'The training library knows neither wire schemas nor plans: of the contracts it uses the error codes and the inference requests that it answers.',
      { path: '^src/catalog/' },
      {
        path: product,
        pathNot: '^src/(catalog|validation|numerics)/|^src/contracts/(error-codes|inference)[.]ts$|^src/api/numbers[.]ts$',
      },
    ),
    rule(
      'validation-knows-no-subject',
      'Validation works on any schema: it imports only itself and the error codes.',
      { path: '^src/validation/' },
      { path: product, pathNot: '^src/validation/|^src/contracts/error-codes[.]ts$' },
    ),
    rule(
      'platform-is-below-features',
      'Adapters know no feature and no entry point.',
      { path: '^src/platform' },
      { path: '^(src/(features|http|server|start|compose-api)|workers)' },
    ),
    rule(
      'platform-adapters-are-independent',
      'An adapter does not import another adapter.',
      { path: '^src/platform/([^/]+)/' },
      { path: '^src/platform/[^/]+/', pathNot: '^src/platform/$1/', dependencyTypesNot: typesAreFine },
    ),
    rule(
      'features-are-below-entry-points',
      'Features know neither entry point.',
      { path: '^src/features' },
      { path: '^(src/(http|server|start|compose-api|config)|workers)' },
    ),
    rule(
      'services-get-collaborators-as-arguments',
      'No service imports a service, a repository, its statements or an adapter: they arrive as arguments.',
      { path: '^src/features/.*[.]service[.]ts$' },
      { path: '([.](repository|service)[.]ts$|^src/features/[^/]+/sql/|^src/platform/)', dependencyTypesNot: typesAreFine },
    ),
    rule(
      'features-share-rules-only',
      "A feature may use another feature's pure rules, never its service, its repository or its statements.",
      { path: '^src/features/([^/]+)/' },
      {
        path: '^src/features/[^/]+/(.*[.](repository|service)[.]ts$|sql/)',
        pathNot: '^src/features/$1/',
        dependencyTypesNot: typesAreFine,
      },
    ),
    rule(
      'rules-are-pure',
      'In features only repositories and their statements, in sql/, reach an adapter.',
      { path: '^src/features/', pathNot: '([.]repository[.]ts$|^src/features/[^/]+/sql/)' },
      { path: '^src/(platform|generated)/', dependencyTypesNot: typesAreFine },
    ),
    rule(
      'routes-call-services-only',
      'The HTTP entry point reaches rows and servers through services alone.',
      { path: '^src/http/' },
      { path: '([.]repository[.]ts$|^src/features/[^/]+/sql/|^src/(platform|generated)/)', dependencyTypesNot: typesAreFine },
    ),
    rule(
      'dashboard-knows-contract-only',
      'The page imports nothing of the product: it knows openapi.json alone, like any other client.',
      { path: '^src/dashboard/' },
      { path: product, pathNot: '^src/dashboard/' },
    ),
    rule(
      'clients-know-contract-only',
      'The client imports nothing of the product: it knows openapi.json alone, like any other client.',
      { path: '^clients/' },
      { path: product },
    ),
    rule('http-never-imports-workers', 'Nothing under src imports the worker entry point.', { path: '^src/' }, { path: '^workers/' }),
    rule(
      'workers-never-import-http',
      'Workers know nothing of the HTTP entry point.',
      { path: '^workers/' },
      { path: '^src/(http|server|start|compose-api)' },
    ),
    rule(
      'engine-is-pure',
      'The engine is a pure library: it imports the training library, the wire schemas, validation, the contracts, the pure maths and itself.',
      { path: '^workers/engine/' },
      { path: product, pathNot: '^(src/(catalog|api|validation|contracts|numerics)|workers/engine)/' },
    ),
    rule(
      'engines-are-independent',
      'What executes operation by operation and what compiles graphs know nothing of each other, and nothing below knows either.',
      // Trainers are above both.
      { path: '^workers/engine/([^/]+)/', pathNot: '^workers/engine/trainer/' },
      { path: '^workers/engine/(eager|graph)/', pathNot: '^workers/engine/$1/' },
    ),
    rule(
      'only-engine-knows-tensorflow',
      'Only workers/engine imports TensorFlow.js.',
      { path: product, pathNot: '^workers/engine/' },
      { path: '(node_modules/|^)@tensorflow/' },
    ),
    rule(
      'api-never-loads-tensorflow',
      'Whatever way imports lead, the API process never loads TensorFlow.js.',
      { path: '^src/(server|compose-api|http/)' },
      { path: '(node_modules/|^)@tensorflow/', reachable: true },
    ),
    rule(
      'only-http-knows-fastify',
      'Only src/http, src/compose-api.ts and the API entry import Fastify.',
      { path: product, pathNot: '^src/(http/|(server|compose-api)[.]ts$)' },
      { path: '(node_modules/|^)(fastify|@fastify|@scalar)/' },
    ),
    rule(
      'only-queue-and-training-know-bullmq',
      'Only src/platform/queue and workers/training import BullMQ and its Redis client.',
      { path: product, pathNot: '^(src/platform/queue/|workers/training/)' },
      { path: '(node_modules/|^)(bullmq|ioredis)/' },
    ),
    rule(
      'only-repositories-know-prisma',
      'Only repositories, their statements in sql/ and src/platform/db import Prisma or its generated client.',
      { path: product, pathNot: '(^src/platform/db/|^src/generated/|[.]repository[.]ts$|^src/features/[^/]+/sql/)' },
      { path: '((node_modules/|^)@prisma/|^src/generated/)' },
    ),
    rule(
      'only-platform-knows-the-driver',
      'Only adapters import the PostgreSQL driver.',
      { path: product, pathNot: '^src/platform/' },
      { path: '(node_modules/|^)pg/' },
    ),
    rule(
      'only-entries-read-config',
      'Only entries, and the frame they all start in, read the environment; everyone else is given values.',
      { path: product, pathNot: `(${entries}|^src/(config|platform/entry)[.]ts$)` },
      { path: '^src/config[.]ts$', dependencyTypesNot: typesAreFine },
    ),
    rule('nobody-imports-entries', 'An entry is started, never imported.', {}, { path: entries }),
    rule(
      'product-never-imports-tests',
      'The product imports neither tests, benchmarks, examples, scripts nor clients.',
      { path: product },
      { path: '^(tests|bench|examples|scripts|clients)/' },
    ),
    rule(
      'product-needs-no-dev-packages',
      'What the product imports is a dependency, not a dev dependency; what is bundled into the page is no import any more.',
      { path: product, pathNot: '^src/dashboard/' },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional', 'type-only'] },
    ),
    rule(
      'e2e-sees-a-black-box',
      'End-to-end tests, those amid faults and the fuzzer import nothing of the product.',
      { path: '^tests/(e2e/|support/e2e|chaos/|fuzz/)' },
      { path: product },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
}
