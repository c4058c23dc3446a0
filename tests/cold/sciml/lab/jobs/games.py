"""Environments by their names, seen as pictures, played alone and side by side."""

import os

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")


def _played(name, steps=12, **options):
    import gymnasium as gym

    world = gym.make(name, render_mode="rgb_array", **options)
    world.reset(seed=3)
    world.action_space.seed(3)
    total = 0.0
    for _ in range(steps):
        _, reward, ended, cut, _ = world.step(world.action_space.sample())
        total += float(reward)
        if ended or cut:
            world.reset(seed=3)
    picture = world.render()
    world.close()
    return f"{name} {picture.shape[0]}x{picture.shape[1]} {total:.1f} {bool(picture.std() > 1)};"


def played():
    return [
        _played(name)
        for name in (
            "CartPole-v1",
            "MountainCar-v0",
            "MountainCarContinuous-v0",
            "Acrobot-v1",
            "Pendulum-v1",
            "FrozenLake-v1",
            "Taxi-v4",
            "Blackjack-v1",
            "CliffWalking-v1",
        )
    ]


def seen_as_text():
    import gymnasium as gym

    told = []
    for name in ("FrozenLake-v1", "Taxi-v4"):
        world = gym.make(name, render_mode="ansi")
        world.reset(seed=1)
        told.append(len(world.render()) > 10)
    world = gym.make("CartPole-v1", render_mode="human")
    world.reset(seed=1)
    world.step(0)
    world.close()
    return told


def not_there():
    import gymnasium as gym

    told = []
    for name in ("LunarLander-v3", "HalfCheetah-v5", "CartPole-v9", "CartPole-v0", "Cartpole", "phys2d/CartPole-v1", "lab:Nothing-v0", "nothing_at_all:X-v0"):
        try:
            gym.make(name)
            told.append(f"{name} made;")
        except Exception as error:
            told.append(f"{name} {type(error).__name__};")
    return told


def of_our_own():
    import gymnasium as gym

    gym.register(id="Walk-v0", entry_point="lab.walk:Walk", max_episode_steps=5, kwargs={"wide": 7})
    world = gym.make("Walk-v0")
    from gymnasium.utils.env_checker import check_env

    check_env(world.unwrapped, skip_render_check=True)
    world.reset(seed=1)
    told = [world.step(1)[0].tolist(), world.spec.to_json()[:8], gym.make("lab.walk:Stroll-v0").spec.id]
    return [*told, "Walk-v0" in (gym.pprint_registry(disable_print=True) or "")]


def wrapped():
    import gymnasium as gym
    from gymnasium import wrappers

    world = gym.make("CartPole-v1", render_mode="rgb_array")
    world = wrappers.RecordEpisodeStatistics(wrappers.TimeLimit(wrappers.AddRenderObservation(world, render_only=True), 4))
    world = wrappers.ResizeObservation(wrappers.GrayscaleObservation(world), (84, 84)) if _has("cv2") else world
    world.reset(seed=1)
    told = []
    for _ in range(4):
        seen, _, _, cut, info = world.step(1)
    told.append([seen.shape, cut, sorted(info.get("episode", {}))])
    for name in (
        "NormalizeObservation",
        "RescaleObservation",
        "FlattenObservation",
        "ClipReward",
        "OrderEnforcing",
        "PassiveEnvChecker",
        "TimeAwareObservation",
        "DelayObservation",
    ):
        options = {
            "RescaleObservation": {"min_obs": 0.0, "max_obs": 1.0},
            "ClipReward": {"min_reward": 0, "max_reward": 1},
            "DelayObservation": {"delay": 2},
        }.get(name, {})
        try:
            inner = getattr(wrappers, name)(gym.make("Pendulum-v1"), **options)
            inner.reset(seed=1)
            told.append(f"{name} {inner.step(inner.action_space.sample())[0].shape}")
        except Exception as error:
            told.append(f"{name} {type(error).__name__}")
    for name in ("RecordVideo", "JaxToNumpy", "NumpyToTorch", "AtariPreprocessing"):
        try:
            made = getattr(wrappers, name)
            told.append(f"{name} {type(made(gym.make('CartPole-v1', render_mode='rgb_array'), 'videos') if name == 'RecordVideo' else made).__name__}")
        except Exception as error:
            told.append(f"{name} {type(error).__name__}")
    return told


def _has(name):
    import importlib.util

    return importlib.util.find_spec(name) is not None


def side_by_side():
    import gymnasium as gym

    told = []
    for mode in ("sync", "async", "vector_entry_point"):
        worlds = gym.make_vec("CartPole-v1", num_envs=2, vectorization_mode=mode, **({"vector_kwargs": {"context": "spawn"}} if mode == "async" else {}))
        worlds.reset(seed=1)
        told.append(f"{mode} {worlds.step(worlds.action_space.sample())[0].shape}")
        worlds.close()
    return told


def spaces():
    from gymnasium import spaces

    space = spaces.Dict(
        {
            "a": spaces.Discrete(3, start=-1),
            "b": spaces.Box(0, 1, (2,)),
            "c": spaces.MultiBinary(3),
            "d": spaces.Text(4),
            "e": spaces.Sequence(spaces.Discrete(2)),
            "f": spaces.Graph(spaces.Box(0, 1, (1,)), spaces.Discrete(2)),
            "g": spaces.Tuple((spaces.MultiDiscrete([2, 3]),)),
            "h": spaces.OneOf((spaces.Discrete(2),)),
        }
    )
    space.seed(1)
    return [space.contains(space.sample()), spaces.utils.flatdim(spaces.Dict({"a": spaces.Discrete(3)})), len(str(space)) > 50]


def pygame_itself():
    import pygame

    pygame.init()
    screen = pygame.display.set_mode((80, 60))
    for name in (None, "dejavusans", "nosuchfont"):
        text = pygame.font.SysFont(name, 18).render("ä game", True, (255, 0, 0))
        screen.blit(text, (1, 1))
    pygame.draw.circle(screen, (0, 255, 0), (40, 40), 10)
    told = [pygame.display.get_driver(), pygame.font.get_default_font(), pygame.surfarray.array3d(screen).sum() > 0, len(pygame.font.get_fonts()) > 0]
    for ending in ("png", "jpg", "bmp", "tga"):
        pygame.image.save(screen, f"screen.{ending}")
        told.append(pygame.image.load(f"screen.{ending}").get_size())
    import pygame.freetype
    import pygame.gfxdraw
    import pygame.sndarray

    pygame.mixer.quit()
    pygame.mixer.init(44100, -16, 2)
    pygame.freetype.init()
    pygame.gfxdraw.aacircle(screen, 5, 5, 3, (1, 2, 3))
    import numpy as np

    told += [
        pygame.sndarray.make_sound(np.zeros((400, 2), "i2")).get_length() > 0,
        pygame.freetype.SysFont("dejavusans", 12).render("x", (0, 0, 0))[1].width > 0,
        pygame.key.name(pygame.K_a),
        pygame.transform.smoothscale(screen, (40, 30)).get_size(),
        pygame.mask.from_surface(screen).count() > 0,
    ]
    pygame.quit()
    return told
