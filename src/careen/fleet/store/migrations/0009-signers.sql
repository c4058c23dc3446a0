-- Everybody who signed a document of an image, and everybody who signed all that an answer says of
-- an image; `image.signer` has the latter in words. Before, a document had one signer, and of an
-- identity it was not known by which root it was checked: those are checked again.
CREATE TABLE document_signer (image INTEGER NOT NULL, document INTEGER NOT NULL, signer TEXT NOT NULL, PRIMARY KEY (image, document, signer)) {sets};
CREATE TABLE image_signer (signer TEXT NOT NULL, image INTEGER NOT NULL, PRIMARY KEY (signer, image)) {sets};
CREATE INDEX image_signer_image ON image_signer (image);
INSERT INTO document_signer SELECT image, document, signer FROM image_document WHERE signer LIKE 'key %';
UPDATE image SET signer = '' WHERE signer NOT LIKE 'key %' OR signer LIKE '%, %';
INSERT INTO image_signer SELECT signer, id FROM image WHERE signer <> '';
ALTER TABLE image_document DROP COLUMN signer;
