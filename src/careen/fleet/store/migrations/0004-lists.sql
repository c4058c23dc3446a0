-- The last list of each cluster, and when it was written ('' if that is not known): one without
-- containers is a list, too.
CREATE TABLE running_list (cluster TEXT PRIMARY KEY, seen TEXT NOT NULL) {sets};
INSERT INTO running_list (cluster, seen) SELECT DISTINCT cluster, '' FROM running;
