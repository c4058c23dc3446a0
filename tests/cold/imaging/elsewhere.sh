# A user that the image does not know, no home, a root that cannot be written, no network.
set -u
options="--rm --user 4242:4242 --read-only --tmpfs /tmp:exec,mode=1777 --cap-drop ALL --network none -e HOME=/nowhere -e XDG_CACHE_HOME=/tmp/cache"
for work in 'dicom jpeg_ls palettes' 'brains formats itk_series' 'scenes vtk_by_mesa pyrender_by_egl modern' 'nodes models drawn' 'arrays zarr_stores' 'figures backends' 'kernels a_kernel' 'words vectors' 'curves sktime_forecasts' 'cells prepared'; do docker run $options "$IMAGE" work $work 2>/dev/null | grep -E '^(!!|[a-z_0-9]+: )'; done
docker run --rm --user 4242 --read-only "$IMAGE" work dicom syntaxes 2>&1 | grep -oE 'No usable temporary directory|Read-only file system' | sort -u
one=$(docker run -d ${options#--rm } "$IMAGE"); for i in $(seq 120); do docker logs "$one" 2>&1 | grep -q 'Application startup complete' && break; sleep 0.5; done; docker exec "$one" python -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:8600/health", timeout=60).read().decode())'; docker rm -f "$one" > /dev/null
