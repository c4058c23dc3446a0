-- Where images were found: a name in a registry, and what was there by the last load. `print` tells
-- one state of the image and its attestations from another.
CREATE TABLE origin (place TEXT PRIMARY KEY, print TEXT NOT NULL, digest TEXT NOT NULL, seen TEXT NOT NULL) {sets};

-- When an image was last loaded, also if it was in the store already.
CREATE TABLE image_seen (image INTEGER PRIMARY KEY, seen TEXT NOT NULL);
INSERT INTO image_seen (image, seen) SELECT id, indexed FROM image;

-- What names led to, and the findings of it: the history that trends are counted from. `digest` is
-- as in `image`, and stays when the image is forgotten; `content` is that of the findings.
CREATE TABLE state (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  content BYTEA NOT NULL,
  UNIQUE (name, digest, content)
);
CREATE INDEX state_digest ON state (digest);
-- When a name was in a state: one row for each load, so that loads in any order give one history.
-- `scanned` is when the image was scanned, '' where no findings are known. `live` is 1 if the name
-- was seen to lead there, 0 if a document says it.
CREATE TABLE observation (state INTEGER NOT NULL, at TEXT NOT NULL, scanned TEXT NOT NULL, live INTEGER NOT NULL, PRIMARY KEY (state, at)) {sets};
CREATE TABLE state_unit (state INTEGER NOT NULL, unit INTEGER NOT NULL, PRIMARY KEY (state, unit)) {sets};
CREATE INDEX state_unit_unit ON state_unit (unit);

-- Whether an image that was forgotten had a package: all that its names' histories still ask.
CREATE TABLE forgotten_package (digest TEXT NOT NULL, purl TEXT NOT NULL, there INTEGER NOT NULL, PRIMARY KEY (digest, purl)) {sets};

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
