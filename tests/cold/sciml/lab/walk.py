"""A world of our own: a line to walk on."""

import gymnasium as gym
import numpy as np


class Walk(gym.Env):
    metadata = {"render_modes": []}

    def __init__(self, wide: int = 5) -> None:
        self.wide = wide
        self.action_space = gym.spaces.Discrete(2)
        self.observation_space = gym.spaces.Box(0, wide, (1,), np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = 2
        return np.array([self.place], np.float32), {}

    def step(self, action):
        self.place = min(self.wide, max(0, self.place + (1 if action else -1)))
        return np.array([self.place], np.float32), float(self.place == self.wide), self.place == self.wide, False, {}


gym.register(id="Stroll-v0", entry_point="lab.walk:Walk")
