"""A picture's fingerprints, and its features by a model of timm."""

from vision.opening import opened


def run(data: bytes, how: dict):
    image = opened(data).convert("RGB")
    if name := how.get("model"):
        import timm
        import torch

        torch.manual_seed(1)
        model = timm.create_model(name, pretrained=False, num_classes=0).eval()
        change = timm.data.create_transform(**timm.data.resolve_model_data_config(model))
        with torch.inference_mode():
            return {"features": list(model(change(image)[None]).shape)}
    import imagehash

    return {name: str(getattr(imagehash, name)(image)) for name in ("average_hash", "phash", "dhash", "whash", "colorhash", "crop_resistant_hash")}
