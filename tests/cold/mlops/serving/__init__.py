"""The service that answers with a model of the registry."""
