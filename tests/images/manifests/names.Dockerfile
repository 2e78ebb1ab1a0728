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
# Only reported
ARG TOOLS=ghcr.io/acme/tools:1
ENV SIDECAR_IMAGE=quay.io/acme/sidecar:1
RUN docker pull quay.io/acme/pulled && skopeo copy docker://quay.io/acme/copied dir:copied
LABEL org.opencontainers.image.source=ghcr.io/acme/source
# pull-through-cache: ignore
CMD ["--image=quay.io/acme/ignored"]
