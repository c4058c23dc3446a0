if [ -d /certificates ] && [ "$(id -u)" = 0 ]; then
  cp /certificates/*.crt /usr/local/share/ca-certificates/
  update-ca-certificates
fi
