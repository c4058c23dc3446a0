-- Who signed a document, as the signature was checked when it was read, '' if none was. Of an image,
-- who signed all that an answer says of it: its inventory, its profile and its verdict.
ALTER TABLE image_document ADD COLUMN signer TEXT NOT NULL DEFAULT '';
ALTER TABLE image ADD COLUMN signer TEXT NOT NULL DEFAULT '';
