"""Documents about the catalog: changelogs of its images, and the page of all of them."""
