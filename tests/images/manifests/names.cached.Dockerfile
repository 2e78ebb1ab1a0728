# Variables in names
ARG BASE=111122223333.dkr.ecr.eu-central-1.amazonaws.com/quay/acme/base
ARG TAG=1
ARG NODE="111122223333.dkr.ecr.eu-central-1.amazonaws.com/docker-hub/library/node"
ARG REGISTRY=quay.io
FROM ${BASE}:${TAG}
FROM $NODE:22-slim
FROM $NODE
FROM ${REGISTRY}/acme/web:1
FROM ${REGISTRY}:5000/acme/web:1
FROM ${WITHOUT_A_DEFAULT}
FROM ${WITHOUT_A_DEFAULT}:1
FROM ${BASE_IMAGE:-111122223333.dkr.ecr.eu-central-1.amazonaws.com/docker-hub/library/nginx:1.27}
FROM "111122223333.dkr.ecr.eu-central-1.amazonaws.com/docker-hub/library/redis:7" AS cache
COPY --from=cache /a /a
# Only reported
ARG TOOLS=ghcr.io/acme/tools:1
ENV SIDECAR_IMAGE=quay.io/acme/sidecar:1
RUN docker pull quay.io/acme/pulled && skopeo copy docker://quay.io/acme/copied dir:copied
LABEL org.opencontainers.image.source=ghcr.io/acme/source
# pull-through-cache: ignore
CMD ["--image=quay.io/acme/ignored"]
