# One image for every role: `run` (gateway and worker), `worker`, `jobs`. See docs/operations.md.
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --require-hashes -r requirements.txt

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data isthmus && install -d -o isthmus -g isthmus -m 700 /data
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 ISTHMUS_DATA_DIR=/data
WORKDIR /app
COPY --from=build /venv /venv
COPY bot.py config.toml ./
COPY cogs cogs
COPY services services
COPY playground playground
USER isthmus
VOLUME /data
# The default of [metrics], on the container's own loopback.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:9464/readyz', timeout=4)"]
ENTRYPOINT ["python", "bot.py"]
CMD ["run"]
