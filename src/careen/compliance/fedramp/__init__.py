"""FedRAMP's rules on vulnerabilities: clocks, the provider's decisions, tracked vulnerabilities."""
