-- Where images were found: a name in a registry, and what was there by the last load. `print` tells
-- one state of the image and its attestations from another.
CREATE TABLE origin (place TEXT PRIMARY KEY, print TEXT NOT NULL, digest TEXT NOT NULL, seen TEXT NOT NULL) {sets};

-- When an image was last loaded, also if it was in the store already.
CREATE TABLE image_seen (image INTEGER PRIMARY KEY, seen TEXT NOT NULL);
INSERT INTO image_seen (image, seen) SELECT id, indexed FROM image;

-- What a name led to at a time, and the findings of it: the history that trends are counted from.
-- `at` is when it was scanned or seen there, `until` when it was last seen so; `scanned` is 0 where
-- no findings are known. `digest` is as in `image`, and stays when the image is forgotten.
CREATE TABLE state (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  at TEXT NOT NULL,
  until TEXT NOT NULL,
  scanned INTEGER NOT NULL,
  content BYTEA NOT NULL
);
CREATE INDEX state_name ON state (name, at);
CREATE INDEX state_digest ON state (digest);
CREATE TABLE state_unit (state INTEGER NOT NULL, unit INTEGER NOT NULL, PRIMARY KEY (state, unit)) {sets};
CREATE INDEX state_unit_unit ON state_unit (unit);

-- Sets of findings by their content, there once for all states that have them.
CREATE TABLE known_finding (
  id INTEGER PRIMARY KEY,
  digest BYTEA NOT NULL UNIQUE,
  advisory TEXT NOT NULL,
  purl TEXT NOT NULL,
  severity TEXT NOT NULL,
  tier TEXT NOT NULL
);
CREATE TABLE finding_unit (id INTEGER PRIMARY KEY, digest BYTEA NOT NULL UNIQUE);
CREATE TABLE finding_unit_member (unit INTEGER NOT NULL, finding INTEGER NOT NULL, PRIMARY KEY (unit, finding)) {sets};
CREATE INDEX finding_unit_member_finding ON finding_unit_member (finding);

-- What VEX says of images: statements that they are not affected, or fixed, in sets by content.
-- `package` is a purl as it is stated, '' for the whole image.
CREATE TABLE vex_unit (id INTEGER PRIMARY KEY, digest BYTEA NOT NULL UNIQUE);
CREATE TABLE vex_statement (advisory TEXT NOT NULL, unit INTEGER NOT NULL, package TEXT NOT NULL, status TEXT NOT NULL, why TEXT NOT NULL, PRIMARY KEY (advisory, unit, package)) {sets};
CREATE INDEX vex_statement_unit ON vex_statement (unit);
CREATE TABLE image_vex (unit INTEGER NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (unit, digest)) {sets};
CREATE INDEX image_vex_digest ON image_vex (digest);
