# syntax=docker/dockerfile:1
# Three images out of one file, chosen by --target: `api` (no TensorFlow at all), `worker` (native TensorFlow on the CPU;
# without it the build fails rather than make a slow image) and `worker-gpu` (native TensorFlow on CUDA). Node 22: the native binding of
# TensorFlow.js is at home there. All of them run as the unprivileged user `node`, which owns nothing it runs.

FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# With the optional packages, since the bundler of the page comes as one for each platform.
RUN npm ci --ignore-scripts
COPY tsconfig.json openapi.json ./
COPY prisma ./prisma
COPY fonts ./fonts
COPY scripts ./scripts
COPY src ./src
COPY workers ./workers
COPY bench ./bench
COPY examples ./examples
RUN npm run build

FROM node:22-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# PostgreSQL has a container of its own here: the embedded one (an optional package) stays out.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:22-bookworm-slim AS base
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/prisma ./prisma
COPY --from=build /app/fonts ./fonts
COPY --from=build /app/openapi.json /app/package.json ./

FROM base AS api
USER node
EXPOSE 3000
CMD ["node", "dist/src/server.js"]

# What compiles the binding: Python brings TensorFlow's wheel, the binding needs a compiler.
FROM packages AS native
RUN apt-get update \
  && apt-get install --yes --no-install-recommends python3 python3-pip g++ \
  && rm -rf /var/lib/apt/lists/*
COPY scripts ./scripts
COPY --from=build /app/dist ./dist
# Package and libraries stay together, below the folder where a worker looks for them.
ENV XDG_CACHE_HOME=/app/.cache

FROM native AS native-cpu
RUN npm run tensorflow:install

FROM native AS native-gpu
# No device is to be seen while an image is built.
RUN npm run tensorflow:install -- --gpu --without-device

FROM base AS worker
COPY --from=native-cpu /app/.cache ./.cache
USER node
CMD ["node", "dist/workers/worker.js"]

# The NVIDIA container runtime mounts the driver; CUDA's libraries come from the wheels.
FROM base AS worker-gpu
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility TF_DETERMINISTIC_OPS=1 NVIDIA_TF32_OVERRIDE=0
COPY --from=native-gpu /app/.cache ./.cache
USER node
CMD ["node", "dist/workers/worker.js"]
