#!/bin/sh
# Environments that lead elsewhere: to a cache, to the directory of a tool that installs tools.
set -ex
printf 'no-index = true\noffline = true\nfind-links = ["/run/wheels"]\npython-downloads = "never"\n' > /build/uv.toml
export UV_CONFIG_FILE=/build/uv.toml UV_PYTHON=/usr/bin/python3 UV_OFFLINE=1
export UV_CACHE_DIR=/opt/uv/cache UV_LINK_MODE=symlink UV_TOOL_DIR=/opt/uv/tools UV_TOOL_BIN_DIR=/opt/uv/bin
uv venv -q /opt/tools/fast && uv pip install -q --python /opt/tools/fast/bin/python /usr/src/fast
uv tool install -q black
cp -r /usr/src/project /opt/project && cd /opt/project && UV_CACHE_DIR=/build/uv UV_LINK_MODE=copy uv sync -q
export PIPX_HOME=/opt/pipx PIPX_BIN_DIR=/opt/pipx/bin PIPX_DEFAULT_PYTHON=/usr/bin/python3
/build/env/bin/pipx install markdown --quiet && ln -s /opt/pipx/venvs/markdown/bin/markdown_py /usr/local/bin/markdown_py
