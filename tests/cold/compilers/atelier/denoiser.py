"""Pictures out of noise."""

import torch


def _model():
    from diffusers import UNet2DConditionModel

    torch.manual_seed(1)
    return UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(8, 16),
        layers_per_block=1,
        norm_num_groups=4,
        cross_attention_dim=8,
        attention_head_dim=2,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    ).eval()


def _denoise(network, steps):
    from diffusers import DDIMScheduler

    scheduler = DDIMScheduler(num_train_timesteps=10)
    scheduler.set_timesteps(steps)
    torch.manual_seed(2)
    picture, words = torch.randn(1, 4, 8, 8), torch.randn(1, 3, 8)
    with torch.no_grad():
        for step in scheduler.timesteps:
            picture = scheduler.step(network(picture, step, words).sample, step, picture).prev_sample
    return picture


def denoise(steps=2):
    return {"shape": list(_denoise(_model(), steps).shape)}


def denoise_fast(steps=2):
    network = _model()
    plain = _denoise(network, steps)
    network.compile_repeated_blocks(fullgraph=True)
    return {"same": bool(torch.allclose(plain, _denoise(network, steps), atol=1e-2))}
