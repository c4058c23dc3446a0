"""Values of runtime policies: what a container may do, with the evidence, and their proof."""
