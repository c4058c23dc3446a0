# with MESH_HOST a certificate for that name, otherwise the one that was made when the image was built
if [ -n "$MESH_HOST" ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj "/CN=$MESH_HOST" -addext "subjectAltName=DNS:$MESH_HOST,DNS:*.$MESH_HOST" \
    -keyout /etc/mesh/tls/key.pem -out /etc/mesh/tls/cert.pem 2> /dev/null
  cat /etc/mesh/tls/cert.pem /etc/mesh/tls/key.pem > /etc/mesh/tls/mesh.pem
fi
