# Variables in names
ARG BASE=quay.io/acme/base
ARG TAG=1
ARG NODE="node"
ARG REGISTRY=quay.io
FROM ${BASE}:${TAG}
FROM $NODE:22-slim
FROM $NODE
FROM ${REGISTRY}/acme/web:1
FROM ${REGISTRY}:5000/acme/web:1
FROM ${WITHOUT_A_DEFAULT}
FROM ${WITHOUT_A_DEFAULT}:1
FROM ${BASE_IMAGE:-nginx:1.27}
FROM "redis:7" AS cache
COPY --from=cache /a /a
