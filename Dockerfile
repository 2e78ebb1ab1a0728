# The command line, with your files in /work: docker run --rm --volume "$PWD:/work" pull-through-cache --help
FROM python:3.13-slim AS build
COPY . /source
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir /source

FROM python:3.13-slim
COPY --from=build /venv /venv
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/venv/bin/pull-through-cache"]
