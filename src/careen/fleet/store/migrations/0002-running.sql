-- Containers that run, by the last list of each cluster. `digest` is '' where the list has none.
CREATE TABLE running (
  cluster TEXT NOT NULL,
  namespace TEXT NOT NULL,
  pod TEXT NOT NULL,
  container TEXT NOT NULL,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  seen TEXT NOT NULL,
  PRIMARY KEY (cluster, namespace, pod, container)
) {sets};
CREATE INDEX running_digest ON running (digest);
CREATE INDEX running_name ON running (name);
