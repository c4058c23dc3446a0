"""Pictures: made, changed, told apart."""

import torch


def diffused(scheduler: str = "DDIMScheduler") -> dict:
    import diffusers
    from diffusers import DDPMPipeline, UNet2DModel

    torch.manual_seed(0)
    net = UNet2DModel(
        sample_size=16,
        in_channels=3,
        out_channels=3,
        layers_per_block=1,
        block_out_channels=(16, 16),
        norm_num_groups=8,
        down_block_types=("DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D"),
    )
    pipe = DDPMPipeline(net, getattr(diffusers, scheduler)())
    pipe.save_pretrained("/tmp/pipe")
    again = DDPMPipeline.from_pretrained("/tmp/pipe")
    picture = again(num_inference_steps=2, generator=torch.Generator().manual_seed(0)).images[0]
    return {"size": picture.size, "scheduler": type(again.scheduler).__name__}


def stable() -> dict:
    from diffusers import AutoencoderKL, EulerDiscreteScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(0)
    net = UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(16, 32),
        layers_per_block=1,
        in_channels=4,
        out_channels=4,
        norm_num_groups=8,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=16,
        attention_head_dim=4,
    )
    vae = AutoencoderKL(
        block_out_channels=[16, 32], norm_num_groups=8, down_block_types=["DownEncoderBlock2D"] * 2, up_block_types=["UpDecoderBlock2D"] * 2, latent_channels=4
    )
    text = CLIPTextModel(CLIPTextConfig(hidden_size=16, intermediate_size=16, num_attention_heads=2, num_hidden_layers=1, vocab_size=100))
    pipe = StableDiffusionPipeline(vae, text, None, net, EulerDiscreteScheduler(), None, None, requires_safety_checker=False)
    embeds = torch.randn(1, 77, 16)
    picture = pipe(prompt_embeds=embeds, negative_prompt_embeds=embeds, num_inference_steps=2, height=16, width=16).images[0]
    return {"size": picture.size}


def models() -> dict:
    import open_clip
    import timm

    out = {}
    for name in ("resnet18", "vit_tiny_patch16_224", "convnext_atto", "mobilenetv3_small_050", "efficientnet_lite0", "swin_tiny_patch4_window7_224"):
        out[name] = timm.create_model(name, pretrained=False, num_classes=3).eval()(torch.zeros(1, 3, 224, 224)).shape[-1]
    out["clip"] = "ViT-B-32" in open_clip.list_models()
    out["words"] = open_clip.get_tokenizer("ViT-B-32")(["a cup of tea"]).shape[-1]
    out["config"] = open_clip.get_model_config("RN50")["embed_dim"]
    return out


def changed() -> dict:
    import albumentations
    import kornia
    import numpy as np

    picture = (np.arange(64 * 64 * 3) % 255).astype("uint8").reshape(64, 64, 3)
    out = {}
    for name in ("HorizontalFlip", "RandomBrightnessContrast", "GaussianBlur", "ElasticTransform", "CLAHE", "ImageCompression"):
        out[name] = albumentations.Compose([getattr(albumentations, name)(p=1)])(image=picture)["image"].shape[0]
    tensor = torch.from_numpy(picture).permute(2, 0, 1).float()[None] / 255
    out["canny"] = kornia.filters.canny(tensor)[0].shape[-1]
    out["hsv"] = kornia.color.rgb_to_hsv(tensor).shape[1]
    out["augment"] = kornia.augmentation.RandomAffine(30.0, p=1.0)(tensor).shape[-1]
    return out


def attention() -> dict:
    from einops import rearrange
    from einops.layers.torch import Rearrange
    from x_transformers import Decoder, TransformerWrapper

    torch.manual_seed(0)
    model = TransformerWrapper(num_tokens=16, max_seq_len=16, attn_layers=Decoder(dim=16, depth=1, heads=2, rotary_pos_emb=True))
    return {
        "logits": model(torch.zeros(1, 4, dtype=torch.long)).shape[-1],
        "einops": rearrange(torch.zeros(2, 6), "a (b c) -> a b c", b=2).shape[-1],
        "layer": Rearrange("a b -> b a")(torch.zeros(2, 3)).shape[0],
    }


def sentences() -> dict:
    from sentence_transformers import SentenceTransformer, losses, models, util
    from transformers import BertConfig, BertModel

    out = {}
    torch.manual_seed(0)
    BertModel(BertConfig(vocab_size=30, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)).save_pretrained("/tmp/bert")
    open("/tmp/bert/vocab.txt", "w").write("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "cup", "of", "tea"]))
    try:
        model = SentenceTransformer(modules=[part := models.Transformer("/tmp/bert"), models.Pooling(part.get_word_embedding_dimension(), "mean")])
        model.save("/tmp/st")
        again = SentenceTransformer("/tmp/st")
        out["similar"] = round(float(util.cos_sim(again.encode("a cup"), again.encode("a cup"))[0][0]), 2)
        out["loss"] = losses.MultipleNegativesRankingLoss(again).__class__.__name__
    except Exception as error:
        out["error"] = f"{type(error).__name__} {error}"[:200]
    return out
