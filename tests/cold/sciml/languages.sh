# Other languages and places.
for set in "LANG=de_DE.UTF-8 LC_TIME=de_DE.UTF-8 TZ=Europe/Berlin" "LANG=fr_FR.UTF-8 LC_TIME=fr_FR.UTF-8 TZ=America/Montreal" "LC_ALL=POSIX PYTHONUTF8=1 TZ=Asia/Kathmandu" "LANG=xx_XX TZ=Australia/Lord_Howe"; do
  echo "-- $set"
  docker exec -i "$CONTAINER" env $set sh -c 'python - 2>/tmp/err || tail -n 1 /tmp/err' < languages.py
done
