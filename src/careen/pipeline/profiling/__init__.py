"""Run an image under the sensor, explore it, and measure the adequacy of the profile."""
