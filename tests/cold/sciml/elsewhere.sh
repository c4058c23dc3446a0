# A user that the image does not know, no home, a root that cannot be written, no network.
set -u
options="--rm --user 4242:4242 --read-only --tmpfs /tmp:exec,mode=1777 --cap-drop ALL --network none -e HOME=/nowhere -e PYTENSOR_FLAGS=base_compiledir=/tmp/compiled -e NUMBA_CACHE_DIR=/tmp/numba"
say() { printf '== %s\n' "$*"; }
say jobs; for part in 'drawing svg png' 'bayes compiled backends' 'forecasts prophet' 'maps projections ways_of_reading' 'stars units times' 'arrays engines' 'hdf5 filters_of_hdf5' 'native with_cffi with_numba' 'games played' 'sequences matrices_and_pairs readings' 'reports figures'; do docker run $options "$IMAGE" job $part 2>&1 | grep -E '^(!!|[a-z_0-9]+: )'; done
say who; docker run $options --entrypoint python "$IMAGE" -c 'import os, getpass
from pathlib import Path
print(os.getuid(), os.path.expanduser("~"))
try:
    print(getpass.getuser())
except (KeyError, OSError) as error:
    print(type(error).__name__)
import matplotlib, astropy.config.paths, dask
print(matplotlib.get_cachedir()[:5], len(dask.config.paths) > 1)
try:
    print(astropy.config.paths.get_cache_dir())
except OSError as error:
    print(type(error).__name__)
'
say the service; one=$(docker run -d ${options#--rm } "$IMAGE"); for i in $(seq 120); do docker logs "$one" 2>&1 | grep -q 'Application startup complete' && break; sleep 0.5; done
docker exec "$one" python -c 'import urllib.request as u
print(u.urlopen(u.Request("http://127.0.0.1:8000/molecules/descriptors", b"{\"smiles\": \"CCO\"}", {"content-type": "application/json"}), timeout=60).read().decode())'; docker rm -f "$one" > /dev/null
say nowhere to write; docker run --rm --user 4242 --read-only "$IMAGE" job graphs known_ones 2>&1 | grep -oE 'No usable temporary directory|Read-only file system' | sort -u
