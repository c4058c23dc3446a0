"""The images of the drill, and the Maven folder that has the fix."""
