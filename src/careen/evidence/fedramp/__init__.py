"""FedRAMP's documents: vulnerability details, accepted ones, history, POA&M, KSI evidence."""
