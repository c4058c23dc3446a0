case " $MESH_PROGRAMS " in
  *" mail "*)
    [ -z "$MESH_HOST" ] || postconf -e "myhostname=mail.$MESH_HOST"
    rm -f /var/spool/postfix/pid/master.pid ;;
esac
