"""Hooks of kedro, by an entry point."""
import logging

from kedro.framework.hooks import hook_impl


class Hooks:
    @hook_impl
    def after_node_run(self, node, outputs):
        logging.getLogger("tides").warning("tides: after %s", node.name)


hooks = Hooks()
