if [ -n "${BANNER:-}" ]; then
  envsubst '$BANNER $HOSTNAME' < /etc/tabular/banner.template > /tmp/banner
  cat /tmp/banner
fi
