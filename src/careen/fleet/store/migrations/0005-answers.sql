-- What every answer asks about the whole fleet: its images without a whole inventory, and those
-- whose inventory could be read in part. The conditions are those of the queries.
CREATE INDEX image_without_inventory ON image (partial, inventory) WHERE inventory = '' OR partial <> '';
CREATE INDEX image_partly_read ON image (unreadable) WHERE unreadable > 0;
CREATE INDEX image_unseen ON image (unseen) WHERE unseen <> '';
-- Nothing walks from a unit to its files, and the index was a tenth of the store.
DROP INDEX unit_file_unit;
