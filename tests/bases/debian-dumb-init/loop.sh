trap 'echo ended by a signal; exit 0' TERM
(sleep 1; kill -TERM $$) &
while :; do sleep 0.2; done
