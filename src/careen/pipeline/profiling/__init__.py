"""Run an image under the sensor, explore it, and say how far what was seen can be trusted."""
