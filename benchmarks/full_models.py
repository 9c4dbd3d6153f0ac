"""The published big models in their published sizes with random weights: only their speed means anything."""

from __future__ import annotations

from pathlib import Path


def clipseg_folder(folder: Path) -> Path:
    """CLIPSeg as CIDAS/clipseg-rd64-refined is: ViT-B/16, 352 px, decoder of width 64."""
    from transformers import CLIPImageProcessor, CLIPSegConfig, CLIPSegForImageSegmentation, CLIPSegProcessor

    from tests.tiny_models import _tokenizer

    tokenizer = _tokenizer()
    config = CLIPSegConfig(vision_config={"image_size": 352})
    images = CLIPImageProcessor(
        size={"height": 352, "width": 352}, do_center_crop=False,
        image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225],
    )  # fmt: skip
    CLIPSegForImageSegmentation(config).eval().save_pretrained(folder)
    CLIPSegProcessor(images, tokenizer).save_pretrained(folder)
    return folder


def inpainting_folder(folder: Path) -> Path:
    """Stable Diffusion 2 inpainting: 866 M parameters in the UNet, 84 M in the VAE, 340 M in the text encoder."""
    import torch
    from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionInpaintPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    from tests.tiny_models import _tokenizer

    tokenizer = _tokenizer()
    unet = UNet2DConditionModel(
        sample_size=64, in_channels=9, out_channels=4, block_out_channels=(320, 640, 1280, 1280),
        cross_attention_dim=1024, attention_head_dim=(5, 10, 20, 20), use_linear_projection=True,
    )  # fmt: skip
    vae = AutoencoderKL(
        block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=4, sample_size=512,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
    )  # fmt: skip
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=49408, hidden_size=1024, intermediate_size=4096, num_hidden_layers=23,
            num_attention_heads=16, hidden_act="gelu", pad_token_id=tokenizer.eos_token_id,
            bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        )
    )  # fmt: skip
    scheduler = DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
        set_alpha_to_one=False, steps_offset=1,
    )  # fmt: skip
    StableDiffusionInpaintPipeline(
        vae=vae.to(torch.float32), text_encoder=text, tokenizer=tokenizer, unet=unet, scheduler=scheduler,
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    ).save_pretrained(folder)  # fmt: skip
    return folder
