mkdir -p "$MESH_RUN/enabled" "$MESH_RUN/web.d" "$MESH_RUN/main.d" "$MESH_DATA"
rm -f "$MESH_RUN"/enabled/*.ini "$MESH_RUN"/*.pid
for name in $MESH_PROGRAMS; do
  cp "/etc/mesh/programs/$name.ini" "$MESH_RUN/enabled/"
done
