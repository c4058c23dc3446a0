if [ ! -e "$MESH_DATA/shop.db" ]; then
  perl /opt/mesh/app/bin/migrate "$MESH_DATA/shop.db"
fi
mkdir -p "$MESH_DATA/inbox" "$MESH_DATA/drop" "$MESH_DATA/sessions"
if [ "$(id -u)" = 0 ]; then
  chown -R mesh:mesh "$MESH_DATA" && chown www-data "$MESH_DATA/drop"
fi
