-- What only one image has: its units, and files that are in no other unit.
DROP TABLE IF EXISTS own_unit, own_file;
CREATE TEMP TABLE own_unit AS SELECT unit AS id FROM image_unit GROUP BY unit HAVING count(*) = 1;
CREATE UNIQUE INDEX ON own_unit (id);
CREATE TEMP TABLE own_file AS SELECT file AS id FROM unit_file GROUP BY file
  HAVING count(*) = 1 AND min(unit) IN (SELECT id FROM own_unit);
CREATE UNIQUE INDEX ON own_file (id);
ANALYZE own_unit;
ANALYZE own_file;
-- each copy
INSERT INTO image (id, digest, name, platform, original, inventory, profile, unseen, unreadable,
    partial, distribution, verdict, policy, indexed, signer)
  SELECT id + {image}, 'sha256:' || md5(digest || {copy}) || md5({copy} || digest),
    name || '-{copy}', platform, original, inventory, profile, unseen, unreadable, partial,
    distribution, verdict, policy, indexed, signer FROM image WHERE id <= {images};
INSERT INTO image_digest (digest, image)
  SELECT 'sha256:' || md5(digest || {copy}) || md5({copy} || digest), image + {image}
  FROM image_digest WHERE image <= {images};
INSERT INTO image_name (name, image)
  SELECT name || '-{copy}', image + {image} FROM image_name WHERE image <= {images};
INSERT INTO image_layer (diff, place, image)
  SELECT diff, place, image + {image} FROM image_layer WHERE image <= {images};
INSERT INTO listener (image, port, program)
  SELECT image + {image}, port, program FROM listener WHERE image <= {images};
INSERT INTO image_seen (image, seen)
  SELECT image + {image}, seen FROM image_seen WHERE image <= {images};
INSERT INTO image_package (package, image, used)
  SELECT package, image + {image}, used FROM image_package WHERE image <= {images};
INSERT INTO unit (id, digest)
  SELECT id + {unit}, decode(md5(id || '-{copy}') || md5('{copy}-' || id), 'hex') FROM own_unit;
INSERT INTO image_unit (unit, image)
  SELECT u.unit + CASE WHEN o.id IS NULL THEN 0 ELSE {unit} END, u.image + {image}
  FROM image_unit u LEFT JOIN own_unit o ON o.id = u.unit WHERE u.image <= {images};
INSERT INTO unit_package (package, unit, path)
  SELECT p.package, p.unit + {unit}, p.path FROM unit_package p JOIN own_unit o ON o.id = p.unit;
INSERT INTO file (id, sha256)
  SELECT id + {file}, decode(md5(id || '-{copy}') || md5('{copy}-' || id), 'hex') FROM own_file;
INSERT INTO unit_file (path, unit, file, used)
  SELECT f.path, f.unit + {unit}, f.file + CASE WHEN n.id IS NULL THEN 0 ELSE {file} END, f.used
  FROM unit_file f JOIN own_unit o ON o.id = f.unit LEFT JOIN own_file n ON n.id = f.file;
