-- A vulnerability asks which images have packages of a kind; without this it read every image's
-- units.
CREATE INDEX package_kind ON package (kind);
CREATE INDEX image_verdict ON image (verdict) WHERE verdict <> '';
