-- The store of the fleet. Plain SQL that SQLite and PostgreSQL both read.
-- Texts of images are BYTEA where they can hold any byte (paths); other texts are cleaned first.
-- `{sets}` is WITHOUT ROWID in SQLite, where a table of keys alone would otherwise be kept twice.

-- The last number given in each table. A writer takes numbers in its own transaction.
CREATE TABLE counter (name TEXT PRIMARY KEY, last INTEGER NOT NULL) {sets};

-- Documents as they were written, by digest, once; compressed by zstd.
CREATE TABLE document (
  id INTEGER PRIMARY KEY,
  sha256 BYTEA NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  size INTEGER NOT NULL,
  content BYTEA NOT NULL
);

-- One image. `inventory` and `profile` are the times of its SBOM and RBOM, '' without one.
-- `partial` says what the SBOM leaves out, so that a package that it does not list may be there.
-- `unseen` says why "not seen" does not mean "not used", '' if it does.
CREATE TABLE image (
  id INTEGER PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  platform TEXT NOT NULL,
  original TEXT NOT NULL,
  inventory TEXT NOT NULL,
  profile TEXT NOT NULL,
  unseen TEXT NOT NULL,
  unreadable INTEGER NOT NULL,
  partial TEXT NOT NULL,
  distribution TEXT NOT NULL,
  verdict TEXT NOT NULL,
  policy TEXT NOT NULL,
  indexed TEXT NOT NULL
);
CREATE INDEX image_inventory ON image (inventory);

-- Every digest by which an image is known: manifest, configuration.
CREATE TABLE image_digest (digest TEXT PRIMARY KEY, image INTEGER NOT NULL) {sets};
CREATE INDEX image_digest_image ON image_digest (image);
CREATE TABLE image_name (name TEXT NOT NULL, image INTEGER NOT NULL, PRIMARY KEY (name, image)) {sets};
CREATE INDEX image_name_image ON image_name (image);
-- Of each kind one document is current: the image's rows say what it says. Older ones are kept.
CREATE TABLE image_document (image INTEGER NOT NULL, document INTEGER NOT NULL, kind TEXT NOT NULL, current INTEGER NOT NULL, PRIMARY KEY (image, document)) {sets};
CREATE INDEX image_document_document ON image_document (document);
CREATE TABLE image_layer (diff TEXT NOT NULL, place INTEGER NOT NULL, image INTEGER NOT NULL, PRIMARY KEY (diff, place, image)) {sets};
CREATE INDEX image_layer_image ON image_layer (image);
CREATE TABLE listener (image INTEGER NOT NULL, port INTEGER NOT NULL, program BYTEA NOT NULL, PRIMARY KEY (image, port, program)) {sets};

-- A package as an inventory states it. `kind` is the purl's type; `name` and `source` are in the
-- spelling that they are looked up by, and `facts` is the JSON of what matching needs.
CREATE TABLE package (
  id INTEGER PRIMARY KEY,
  digest BYTEA NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  namespace TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  source TEXT NOT NULL,
  purl TEXT NOT NULL,
  facts TEXT NOT NULL
);
CREATE INDEX package_name ON package (name, kind);
CREATE INDEX package_source ON package (source, kind);

-- `name` is the file name, cut to what an index takes.
CREATE TABLE path (id INTEGER PRIMARY KEY, digest BYTEA NOT NULL UNIQUE, name BYTEA NOT NULL, path BYTEA NOT NULL);
CREATE INDEX path_name ON path (name);
CREATE TABLE file (id INTEGER PRIMARY KEY, sha256 BYTEA NOT NULL UNIQUE);

-- How something was used: a grade, the workload, the program, and the ports that it listens on.
CREATE TABLE used (
  id INTEGER PRIMARY KEY,
  digest BYTEA NOT NULL UNIQUE,
  grade INTEGER NOT NULL,
  workload TEXT NOT NULL,
  program BYTEA NOT NULL,
  ports TEXT NOT NULL
);

-- A set of packages, or of used files, by its content: there once for all images that have it.
CREATE TABLE unit (id INTEGER PRIMARY KEY, digest BYTEA NOT NULL UNIQUE);
CREATE TABLE unit_package (package INTEGER NOT NULL, unit INTEGER NOT NULL, path INTEGER NOT NULL, PRIMARY KEY (package, unit, path)) {sets};
CREATE INDEX unit_package_path ON unit_package (path);
CREATE INDEX unit_package_unit ON unit_package (unit);
CREATE TABLE unit_file (path INTEGER NOT NULL, unit INTEGER NOT NULL, file INTEGER NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (path, unit)) {sets};
CREATE INDEX unit_file_file ON unit_file (file);
CREATE INDEX unit_file_unit ON unit_file (unit);
CREATE TABLE image_unit (unit INTEGER NOT NULL, image INTEGER NOT NULL, PRIMARY KEY (unit, image)) {sets};
CREATE INDEX image_unit_image ON image_unit (image);

-- Packages of an image whose use is known: only those, as most were not used.
CREATE TABLE image_package (package INTEGER NOT NULL, image INTEGER NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (package, image)) {sets};
CREATE INDEX image_package_image ON image_package (image);

-- Findings of the last scan of an image; `since` is when the store first saw it there.
CREATE TABLE finding (
  image INTEGER NOT NULL,
  advisory TEXT NOT NULL,
  purl TEXT NOT NULL,
  severity TEXT NOT NULL,
  tier TEXT NOT NULL,
  since TEXT NOT NULL,
  gone TEXT NOT NULL,
  PRIMARY KEY (image, advisory, purl)
) {sets};
CREATE INDEX finding_advisory ON finding (advisory);
